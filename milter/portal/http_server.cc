// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "filter/signals.h"
#include "portal/http_socket.h"
#include "store/rows.h"

namespace postern {
namespace {

// One request on its way: made when its first line is there, freed when its answer is out.
struct Exchange {
  std::string target;
  HttpRequest request;
  std::string body;
  std::string body_type;
  bool begun = false;      // its header was read
  bool too_long = false;
  bool answered = false;   // `response` stands
  MHD_Connection* connection = nullptr;
  HttpResponse response;
};

std::string field_of(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? "" : value;
}

// The address of the peer; empty for a unix socket.
std::string peer_of(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == nullptr || info->client_addr == nullptr) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const sockaddr* address = info->client_addr;
  if (address->sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text.data(), text.size());
  } else if (address->sa_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text.data(), text.size());
  }
  return text.data();
}

MHD_Result send_response(MHD_Connection* connection, const HttpResponse& answer) {
  MHD_Response* response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", answer.type.c_str());
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response, name.c_str(), value.c_str());
  const MHD_Result result = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return result;
}

}  // namespace

struct HttpServer::Inside {
  HttpServerOptions options;
  Handler handler;
  Fault fault;
  std::string certificate, key;  // as PEM
  MHD_Daemon* daemon = nullptr;
  std::mutex mutex;
  std::condition_variable changed;  // for workers
  std::condition_variable ended;    // for the watch
  std::deque<Exchange*> waiting;
  std::map<int, int64_t> patience;  // socket -> steady microseconds by which its request must be whole
  bool stopping = false;
  std::vector<std::thread> threads;

  MHD_Result take(MHD_Connection* connection, Exchange& exchange, const char* method, const char* data, size_t* size);
  void begin(MHD_Connection* connection, Exchange& exchange, const char* method);
  MHD_Result hand_over(MHD_Connection* connection, Exchange& exchange);
  HttpResponse answer(Exchange& exchange);
  void set_patience(MHD_Connection* connection, int seconds);  // 0: as long as it takes
  void work();
  void watch();
  Status run();
};

void HttpServer::Inside::set_patience(MHD_Connection* connection, int seconds) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == nullptr) return;
  const std::lock_guard lock(mutex);
  if (seconds == 0) {
    patience.erase(info->connect_fd);
  } else {
    patience[info->connect_fd] = steady_micros() + int64_t{seconds} * 1'000'000;
  }
}

void HttpServer::Inside::begin(MHD_Connection* connection, Exchange& exchange, const char* method) {
  HttpRequest& request = exchange.request;
  exchange.begun = true;
  request.method = std::string_view(method) == "HEAD" ? "GET" : method;
  request.cookies = field_of(connection, "Cookie");
  request.origin = field_of(connection, "Origin");
  request.fetch_site = field_of(connection, "Sec-Fetch-Site");
  request.if_none_match = field_of(connection, "If-None-Match");
  request.host = field_of(connection, "Host");
  request.secure = !certificate.empty();
  request.client = peer_of(connection);
  // Only what comes through a socket file comes from a proxy that we know.
  if (request.client.empty()) request.client = forwarded_client(field_of(connection, "X-Forwarded-For"));
  exchange.body_type = field_of(connection, "Content-Type");
}

HttpResponse HttpServer::Inside::answer(Exchange& exchange) {
  HttpRequest& request = exchange.request;
  if (request.method != "GET" && request.method != "POST") return fault(405);
  auto target = parse_target(exchange.target);
  if (!target) return fault(400);
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  if (request.method == "POST") {
    if (!exchange.body_type.starts_with("application/x-www-form-urlencoded")) return fault(415);
    auto form = parse_form(exchange.body);
    if (!form) return fault(400);
    request.form = std::move(*form);
  }
  try {
    return handler(request);
  } catch (const std::exception& error) {
    const std::string_view path = std::string_view(request.path).substr(0, request.path.find('/', 1));  // no token
    log(LogLevel::kError, LogLine("portal").add("path", path).add("fault", error.what()));
    return fault(500);
  }
}

MHD_Result HttpServer::Inside::hand_over(MHD_Connection* connection, Exchange& exchange) {
  exchange.connection = connection;
  {
    const std::lock_guard lock(mutex);
    if (!stopping && waiting.size() < options.queue) {
      MHD_suspend_connection(connection);
      waiting.push_back(&exchange);
      changed.notify_one();
      return MHD_YES;
    }
  }
  return send_response(connection, fault(503));
}

MHD_Result HttpServer::Inside::take(MHD_Connection* connection, Exchange& exchange, const char* method,
                                    const char* data, size_t* size) {
  if (exchange.answered) return send_response(connection, exchange.response);
  if (!exchange.begun) {
    begin(connection, exchange, method);
    set_patience(connection, options.request_seconds);
    const std::string length = field_of(connection, "Content-Length");
    if (length.empty()) return MHD_YES;
    const auto announced = to_uint(length);
    return announced && *announced <= options.body ? MHD_YES : send_response(connection, fault(announced ? 413 : 400));
  }
  if (*size > 0) {
    exchange.too_long = exchange.too_long || exchange.body.size() + *size > options.body;
    if (!exchange.too_long) exchange.body.append(data, *size);
    *size = 0;
    return exchange.too_long ? MHD_NO : MHD_YES;  // its length was not announced: no answer is owed
  }
  set_patience(connection, 0);
  return hand_over(connection, exchange);
}

void HttpServer::Inside::work() {
  block_all_signals();
  for (;;) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    if (waiting.empty()) return;
    Exchange* exchange = waiting.front();
    waiting.pop_front();
    lock.unlock();
    exchange->response = answer(*exchange);
    exchange->answered = true;
    MHD_resume_connection(exchange->connection);
  }
}

// Ends connections whose requests are not whole in time: libmicrohttpd itself only counts silence.
void HttpServer::Inside::watch() {
  block_all_signals();
  std::unique_lock lock(mutex);
  while (!stopping) {
    ended.wait_for(lock, std::chrono::seconds(1));
    const int64_t now = steady_micros();
    for (auto each = patience.begin(); each != patience.end();) {
      if (each->second > now) {
        ++each;
        continue;
      }
      ::shutdown(each->first, SHUT_RDWR);  // still open: it is taken off the list before it is closed
      each = patience.erase(each);
    }
  }
}

Status HttpServer::Inside::run() {
  auto socket = listen_for_http(options.listen);
  if (!socket.ok()) return socket.error();
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  std::vector<MHD_OptionItem> items{{MHD_OPTION_LISTEN_SOCKET, socket->get(), nullptr},
                                    {MHD_OPTION_CONNECTION_LIMIT, static_cast<intptr_t>(options.connections), nullptr},
                                    {MHD_OPTION_CONNECTION_TIMEOUT, options.request_seconds, nullptr},
                                    {MHD_OPTION_CONNECTION_MEMORY_LIMIT, 32 << 10, nullptr},
                                    {MHD_OPTION_STRICT_FOR_CLIENT, 1, nullptr}};
  if (!options.listen.starts_with("unix:") && !options.listen.starts_with("local:")) {
    items.push_back(
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, static_cast<intptr_t>(options.connections_of_one), nullptr});
  }
  if (!certificate.empty()) {
    flags |= MHD_USE_TLS;
    items.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.data()});
    items.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, key.data()});
    items.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0,
                     const_cast<char*>("NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:%SERVER_PRECEDENCE")});
  }
  items.push_back({MHD_OPTION_END, 0, nullptr});
  const auto access = +[](void* self, MHD_Connection* connection, const char*, const char* method, const char*,
                          const char* data, size_t* size, void** state) -> MHD_Result {
    return static_cast<Inside*>(self)->take(connection, *static_cast<Exchange*>(*state), method, data, size);
  };
  const auto first_line = +[](void*, const char* target, MHD_Connection*) -> void* {
    auto exchange = std::make_unique<Exchange>();
    exchange->target = target;
    return exchange.release();
  };
  const auto completed = +[](void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
    static_cast<Inside*>(self)->set_patience(connection, static_cast<Inside*>(self)->options.request_seconds);
  };
  const auto notified = +[](void* self, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode code) {
    auto* inside = static_cast<Inside*>(self);
    inside->set_patience(connection,
                         code == MHD_CONNECTION_NOTIFY_STARTED ? inside->options.request_seconds : 0);
  };
  daemon = MHD_start_daemon(flags, 0, nullptr, nullptr, access, this, MHD_OPTION_ARRAY, items.data(),
                            MHD_OPTION_URI_LOG_CALLBACK, first_line, nullptr, MHD_OPTION_NOTIFY_COMPLETED, completed,
                            this, MHD_OPTION_NOTIFY_CONNECTION, notified, this, MHD_OPTION_END);
  if (daemon == nullptr) {
    return unavailable("the HTTP server does not start on " + options.listen +
                       (certificate.empty() ? "" : ": see that certificate and key are PEM and belong together"));
  }
  socket->release();  // libmicrohttpd closes it
  for (unsigned i = 0; i < options.workers; ++i) threads.emplace_back([this] { work(); });
  threads.emplace_back([this] { watch(); });
  return Nothing{};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options, Handler handler, Fault fault) {
  auto inside = std::make_unique<Inside>();
  inside->options = options;
  inside->handler = std::move(handler);
  inside->fault = std::move(fault);
  for (const auto& [path, text] : {std::pair{options.certificate, &inside->certificate}, {options.key, &inside->key}}) {
    if (path.empty()) continue;
    auto read = read_file(path);
    if (!read.ok()) return read.error();
    *text = std::move(read.value());
  }
  const Status status = inside->run();
  if (!status.ok()) return status.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->stopping = true;
    inside_->changed.notify_all();
    inside_->ended.notify_all();
  }
  for (std::thread& each : inside_->threads) each.join();  // after the last request that was taken is answered
  MHD_stop_daemon(inside_->daemon);
}

}  // namespace postern
