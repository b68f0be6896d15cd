// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/unit/filter/fake_milter.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace {

std::string g_connection;

int note(SMFICTX* context, const std::string& call) {
  context->calls.push_back(call);
  return context->answer;
}

int listen_on_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return MI_FAILURE;
  return ::listen(fd, 5) == 0 ? MI_SUCCESS : MI_FAILURE;
}

int listen_on_port(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return MI_FAILURE;
  return ::listen(fd, 5) == 0 ? MI_SUCCESS : MI_FAILURE;
}

}  // namespace

extern "C" {

int smfi_setpriv(SMFICTX* context, void* data) {
  context->priv = data;
  return MI_SUCCESS;
}

void* smfi_getpriv(SMFICTX* context) { return context->priv; }

char* smfi_getsymval(SMFICTX* context, char* name) {
  const auto found = context->macros.find(name);
  return found == context->macros.end() ? nullptr : found->second.data();
}

int smfi_insheader(SMFICTX* context, int index, char* name, char* value) {
  return note(context, "insheader " + std::to_string(index) + " " + name + ":" + value);
}

int smfi_chgheader(SMFICTX* context, char* name, int index, char* value) {
  return note(context, std::string("chgheader ") + std::to_string(index) + " " + name + ":" +
                           (value == nullptr ? "(removed)" : value));
}

int smfi_delrcpt(SMFICTX* context, char* recipient) { return note(context, std::string("delrcpt ") + recipient); }
int smfi_addrcpt(SMFICTX* context, char* recipient) { return note(context, std::string("addrcpt ") + recipient); }
int smfi_addrcpt_par(SMFICTX* context, char* recipient, char* parameters) {
  return note(context, std::string("addrcpt ") + recipient + " " + parameters);
}
int smfi_chgfrom(SMFICTX* context, char* sender, char*) { return note(context, std::string("chgfrom ") + sender); }
int smfi_quarantine(SMFICTX* context, char* reason) { return note(context, std::string("quarantine ") + reason); }

int smfi_setreply(SMFICTX* context, char* code, char* status, char* text) {
  context->reply = std::string(code) + " " + status + " " + text;
  return context->answer;
}

int smfi_register(smfiDesc) { return MI_SUCCESS; }

int smfi_setconn(char* connection) {
  g_connection = connection;
  return MI_SUCCESS;
}

// Opens unix:PATH or inet:PORT (on 127.0.0.1), the way the library does.
int smfi_opensocket(bool) {
  if (g_connection.rfind("unix:", 0) == 0) return listen_on_path(g_connection.substr(5));
  return listen_on_port(std::atoi(g_connection.c_str() + std::strlen("inet:")));
}

int smfi_main() { return MI_SUCCESS; }

}  // extern "C"
