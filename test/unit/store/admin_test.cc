// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator's side, on both kinds of store.
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "redis_server.h"
#include "store/admin.h"
#include "store/embedded_admin.h"

namespace postern::test {
namespace {

class AdminTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AdminTest);
  CPPUNIT_TEST(rows_are_checked);
  CPPUNIT_TEST(text_round_trip);
  CPPUNIT_TEST(dates_of_nodes_stay);
  CPPUNIT_TEST(comments_stay);
  CPPUNIT_TEST(embedded_contract);
  CPPUNIT_TEST(redis_contract);
  CPPUNIT_TEST(list_of_pictures_embedded);
  CPPUNIT_TEST(list_of_pictures_redis);
  CPPUNIT_TEST(stale_changes_embedded);
  CPPUNIT_TEST(stale_changes_redis);
  CPPUNIT_TEST(feeds_embedded);
  CPPUNIT_TEST(feeds_redis);
  CPPUNIT_TEST(wrong_type_changes_nothing);
  CPPUNIT_TEST_SUITE_END();

 public:
  void rows_are_checked() {
    CPPUNIT_ASSERT_EQUAL(std::string("spam=delete"),
                         check_row(TableName::kPolicy, "A@Example.com", "spam=delete")->second);
    CPPUNIT_ASSERT_EQUAL(std::string("a@example.com"),
                         check_row(TableName::kPolicy, "A@Example.com", "spam=tag")->first);
    CPPUNIT_ASSERT(!check_row(TableName::kPolicy, "a@example.com", "spam=maybe").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kPolicy, "a", "spam=tag").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kNetworks, "192.0.2.0/33", "allow").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kNetworks, "192.0.2.0/24", "allow\nx").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kDomains, "example.com", "sometimes").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kRules, "X", "1 subject ~").ok());
    CPPUNIT_ASSERT(check_row(TableName::kRules, "X", "1 subject =~ /x/").ok());
    const auto bad =
        parse_table(TableName::kPolicy, "p", "a@example.com spam=tag\n# c\nb spam=tag\na@example.com spam=tag\n");
    CPPUNIT_ASSERT(!bad.ok());
    CPPUNIT_ASSERT(bad.error().text.find("p:3:") != std::string::npos);
    CPPUNIT_ASSERT(bad.error().text.find("p:4:") != std::string::npos);
  }

  void text_round_trip() {
    const std::string networks = "192.0.2.0/24 allow note=a # b\n2001:db8::/32 deny\n";
    const auto rows = parse_table(TableName::kNetworks, "n", networks);
    CPPUNIT_ASSERT_MESSAGE(rows.ok() ? "" : rows.error().text, rows.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, rows->size());
    const std::string text = format_table(TableName::kNetworks, *rows);
    CPPUNIT_ASSERT_EQUAL(text, format_table(TableName::kNetworks, *parse_table(TableName::kNetworks, "n", text)));
    CPPUNIT_ASSERT(difference(*rows, *rows).empty());
    TableRows other = *rows;
    other.erase("2001:db8::/32");
    other["198.51.100.0/24"] = "deny";
    CPPUNIT_ASSERT_EQUAL(size_t{2}, difference(*rows, other).size());
  }

  void dates_of_nodes_stay() {
    const TableRows present{{"a.example.com", "since=2026-11-01T00:00:00Z"},
                            {"b.example.com", "monitor since=2026-11-02T00:00:00Z"},
                            {"c.example.com", "off"}};
    TableRows wanted{{"b.example.com", "enforce"}};
    keep_dates(present, wanted);
    CPPUNIT_ASSERT_EQUAL(std::string("enforce since=2026-11-02T00:00:00Z"), wanted["b.example.com"]);
    CPPUNIT_ASSERT_EQUAL(std::string("since=2026-11-01T00:00:00Z"), wanted["a.example.com"]);
    CPPUNIT_ASSERT(!wanted.contains("c.example.com"));
  }

  void comments_stay() {
    std::vector<RowChange> changes{{"b@example.com", "spam=tag", "spam=delete"},
                                   {"c@example.com", "spam=tag", std::nullopt},
                                   {"d@example.com", std::nullopt, "spam=tag"}};
    const std::string text = "# ours\nB@example.com   spam=tag\n\nc@example.com spam=tag\n* spam=tag\n";
    CPPUNIT_ASSERT_EQUAL(std::string("# ours\nb@example.com spam=delete\n\n* spam=tag\nd@example.com spam=tag\n"),
                         edit_table_text(TableName::kPolicy, text, changes, true));
    CPPUNIT_ASSERT(changes.empty());
    changes = {{"A", "1 subject =~ /x/ and\n  subject =~ /y/", "2 subject =~ /z/"}};
    CPPUNIT_ASSERT_EQUAL(
        std::string("A 2 subject =~ /z/\n# c\nB 1 subject =~ /b/\n"),
        edit_table_text(TableName::kRules, "A 1 subject =~ /x/ and\n  subject =~ /y/\n# c\nB 1 subject =~ /b/\n",
                        changes, false));
  }

  void embedded_contract() {
    TemporaryDirectory directory;
    StoreOptions options;
    options.tables_directory = directory.path("tables");
    options.state_directory = directory.path("state");
    const auto store = open_store(options);  // makes the key
    contract(options);
  }

  void redis_contract() {
    if (!RedisServer::installed()) return;
    RedisServer server;
    StoreOptions options;
    options.redis = server.socket_url();
    options.connect_timeout = options.command_timeout = Millis(5000);
    const auto store = open_store(options);
    contract(options);
    CPPUNIT_ASSERT_EQUAL(std::string("quarantine"), server.run("HGET postern:policy:a@example.com spam"));
    CPPUNIT_ASSERT_EQUAL(std::string("6"), server.run("GET postern:generation"));
  }

  void stale_changes_embedded() { with_embedded([this](const StoreOptions& options) { stale(options); }); }
  void stale_changes_redis() { with_redis([this](const StoreOptions& options) { stale(options); }); }
  void feeds_embedded() { with_embedded([this](const StoreOptions& options) { feeds(options); }); }
  void feeds_redis() { with_redis([this](const StoreOptions& options) { feeds(options); }); }

  template <class Test>
  static void with_embedded(const Test& test) {
    TemporaryDirectory directory;
    StoreOptions options;
    options.tables_directory = directory.path("tables");
    options.state_directory = directory.path("state");
    test(options);
  }
  template <class Test>
  static void with_redis(const Test& test) {
    if (!RedisServer::installed()) return;
    RedisServer server;
    StoreOptions options;
    options.redis = server.socket_url();
    options.connect_timeout = options.command_timeout = Millis(5000);
    test(options);
  }

  // One picture seen by three clients; gives the last count.
  static ImageCount see(Store& store, const std::string& fingerprint) {
    ImageCount last;
    for (const char* client : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
      const std::vector<ImageSighting> one{
          {fingerprint, {}, *parse_ip(client), "a@example.com", 1, ImageSighting::Purpose::kCount}};
      last = store.count_images(one, unix_now(), Deadline::after(Millis(5000)))->front();
    }
    return last;
  }

  void list_of_pictures_embedded() {
    TemporaryDirectory directory;
    StoreOptions options;
    options.tables_directory = directory.path("tables");
    options.state_directory = directory.path("state");
    list_of_pictures(options);
  }

  void list_of_pictures_redis() {
    if (!RedisServer::installed()) return;
    RedisServer server;
    StoreOptions options;
    options.redis = server.socket_url();
    options.connect_timeout = options.command_timeout = Millis(5000);
    list_of_pictures(options);
    const auto store = open_store(options);
    const std::string seen(64, '7');
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, see(**store, seen).messages);
    const auto admin = open_admin(options);
    std::string alike = seen;
    alike.replace(10, 4, "8888");
    CPPUNIT_ASSERT(!*(*admin)->forget_picture(std::string(64, '0')));
    CPPUNIT_ASSERT(*(*admin)->forget_picture(alike));  // whichever of them was stored
    CPPUNIT_ASSERT(!*(*admin)->forget_picture(seen));
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, see(**store, seen).messages);  // counted from the start again
    std::string edge = seen, beyond = seen;
    edge.replace(10, 8, "88888888");  // 32 bits of 256 differ
    beyond.replace(10, 9, "888888889");
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, see(**store, beyond).messages);
    CPPUNIT_ASSERT(*(*admin)->forget_picture(beyond));
    CPPUNIT_ASSERT_EQUAL(uint64_t{6}, see(**store, edge).messages);
  }

  // What is written to the list decides about pictures that look alike, and no longer once it is taken off.
  void list_of_pictures(const StoreOptions& options) {
    const auto admin = open_admin(options);
    const auto store = open_store(options);
    std::string listed(64, 'a');
    std::string alike = listed;
    alike.replace(10, 2, "55");
    CPPUNIT_ASSERT_EQUAL(listed, check_row(TableName::kPictures, std::string(64, 'A'), " block  a note ")->first);
    CPPUNIT_ASSERT(!check_row(TableName::kPictures, "no hex", "block").ok());
    CPPUNIT_ASSERT(!check_row(TableName::kPictures, listed, "perhaps").ok());
    CPPUNIT_ASSERT(!see(**store, alike).blocked);
    apply(**admin, TableName::kPictures, listed, "block a note");
    CPPUNIT_ASSERT((*store)->reload().ok());
    CPPUNIT_ASSERT(eventually([&] { return see(**store, alike).blocked; }));
    apply(**admin, TableName::kPictures, listed, "allow");
    CPPUNIT_ASSERT((*store)->reload().ok());
    CPPUNIT_ASSERT(eventually([&] { return see(**store, alike).allowed && !see(**store, alike).blocked; }));
    CPPUNIT_ASSERT(!see(**store, std::string(64, '5')).allowed);
    const auto row = (*admin)->row(TableName::kPictures, listed);
    CPPUNIT_ASSERT_EQUAL(std::string("allow"), row->value());
    CPPUNIT_ASSERT((*admin)->apply(TableName::kPictures, {{listed, "allow", std::nullopt}}, "tester me").ok());
    CPPUNIT_ASSERT((*store)->reload().ok());
    CPPUNIT_ASSERT(eventually([&] { return !see(**store, alike).allowed; }));
  }

  void contract(const StoreOptions& options) {
    auto opened = open_admin(options);
    CPPUNIT_ASSERT_MESSAGE(opened.ok() ? "" : opened.error().text, opened.ok());
    Admin& admin = **opened;
    for (const TableName table : {TableName::kNetworks, TableName::kRules, TableName::kPolicy, TableName::kDomains,
                                  TableName::kPictures}) {
      CPPUNIT_ASSERT(admin.rows(table)->empty());
    }
    apply(admin, TableName::kNetworks, "192.0.2.0/24", "allow note=one");
    apply(admin, TableName::kRules, "MINE", "1 subject =~ /x/");
    apply(admin, TableName::kDomains, "example.com", "enforce");
    apply(admin, TableName::kPolicy, "a@example.com", "spam=tag surespam=delete");
    apply(admin, TableName::kPolicy, "a@example.com", "spam=quarantine");
    CPPUNIT_ASSERT_EQUAL(std::string("spam=quarantine"), admin.rows(TableName::kPolicy)->at("a@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("1 subject =~ /x/"), admin.row(TableName::kRules, "MINE")->value());
    CPPUNIT_ASSERT(!admin.row(TableName::kDomains, "example.org")->has_value());
    const auto changes = admin.changes(2);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, changes->size());
    CPPUNIT_ASSERT_EQUAL(std::string("spam=tag surespam=delete"), words_sorted(changes->front().before));
    CPPUNIT_ASSERT_EQUAL(std::string("spam=quarantine"), changes->front().after);
    CPPUNIT_ASSERT_EQUAL(std::string("tester me"), changes->front().who);
    const auto id = admin.rotate_key("tester me", unix_now());
    CPPUNIT_ASSERT_EQUAL(std::string("k2"), *id);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, admin.keys()->size());
    CPPUNIT_ASSERT(admin.keys()->at("k1").find("state=old") != std::string::npos);
    CPPUNIT_ASSERT(admin.changes(1)->front().after.find("secret") == std::string::npos);
    // A running store sees it all, and its digest is the server's.
    const auto store = open_store(options);
    CPPUNIT_ASSERT(eventually([&] { return store.value()->tables()->keys.size() == 2; }));
    CPPUNIT_ASSERT_EQUAL(store.value()->tables()->digest, admin.server()->digest);
    CPPUNIT_ASSERT_EQUAL(std::string("k2"), signing_key(store.value()->tables()->keys)->first);
  }

  // What was decided on an old row is refused, whole; and of many writers none undoes what another did.
  void stale(const StoreOptions& options) {
    auto opened = open_admin(options);
    Admin& admin = **opened;
    const std::string other = "198.51.100.0/24";
    for (const TableName table : {TableName::kNetworks, TableName::kPolicy}) {
      const bool policy = table == TableName::kPolicy;
      const std::string key = policy ? "b@example.com" : "192.0.2.0/24";
      const std::string first = policy ? "spam=tag" : "allow", then = policy ? "spam=delete" : "deny";
      apply(admin, table, key, first);
      const size_t trail = admin.changes(1000)->size();
      const std::vector<RowChange> stale = {{policy ? "c@example.com" : other, std::nullopt, first},
                                            {key, then, std::nullopt}};
      const auto refused = admin.apply(table, stale, "me");
      CPPUNIT_ASSERT(!refused.ok() && refused.error().kind == ErrorKind::kConflict);
      CPPUNIT_ASSERT(refused.error().text.find(key) != std::string::npos);
      CPPUNIT_ASSERT(!admin.apply(table, {{key, std::nullopt, then}}, "me").ok());
      CPPUNIT_ASSERT_EQUAL(size_t{1}, admin.rows(table)->size());
      CPPUNIT_ASSERT_EQUAL(first, admin.row(table, key)->value());
      CPPUNIT_ASSERT_EQUAL(trail, admin.changes(1000)->size());
    }
    apply(admin, TableName::kNetworks, other, "allow note=0");
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) writers.emplace_back([&] { count_up(options, other, 20); });
    for (std::thread& each : writers) each.join();
    CPPUNIT_ASSERT_EQUAL(std::string("allow note=80"), admin.row(TableName::kNetworks, other)->value());
  }

  // Raises the number in a row's note, again where somebody else was faster.
  static void count_up(const StoreOptions& options, const std::string& key, int times) {
    const std::string start = "allow note=";
    auto admin = open_admin(options);
    while (times > 0) {
      const auto before = (*admin)->row(TableName::kNetworks, key);
      const int count = std::stoi(before->value().substr(start.size()));
      if ((*admin)->apply(TableName::kNetworks, {{key, *before, start + std::to_string(count + 1)}}, "me").ok())
        --times;
    }
  }

  void feeds(const StoreOptions& options) {
    auto admin = open_admin(options);
    CPPUNIT_ASSERT(!(*admin)->feed("a")->has_value());
    CPPUNIT_ASSERT((*admin)->set_feed("a", "one row").ok());
    CPPUNIT_ASSERT((*admin)->set_feed("b", "another").ok());
    CPPUNIT_ASSERT((*admin)->set_feed("a", "one more").ok());
    CPPUNIT_ASSERT_EQUAL(std::string("one more"), (*admin)->feed("a")->value());
    CPPUNIT_ASSERT((*admin)->set_feed("a", std::nullopt).ok());
    CPPUNIT_ASSERT(!(*admin)->feed("a")->has_value());
    CPPUNIT_ASSERT_EQUAL(std::string("another"), (*admin)->feed("b")->value());
    CPPUNIT_ASSERT(!(*admin)->feed("c")->has_value());
  }

  void wrong_type_changes_nothing() {
    if (!RedisServer::installed()) return;
    RedisServer server;
    StoreOptions options;
    options.redis = server.socket_url();
    auto admin = open_admin(options);
    CPPUNIT_ASSERT(admin.ok());
    server.run("SET postern:networks x");
    const auto done = admin.value()->apply(TableName::kNetworks, {{"192.0.2.0/24", std::nullopt, "allow"}}, "me");
    CPPUNIT_ASSERT(!done.ok());
    CPPUNIT_ASSERT(done.error().text.find("WRONGTYPE") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server.run("EXISTS postern:generation postern:changes"));
    std::vector<RowChange> many;
    for (int i = 0; i < 3000; ++i) many.push_back({std::to_string(i) + ".example.com", std::nullopt, "enforce"});
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, admin.value()->apply(TableName::kDomains, many, "me").value());
    CPPUNIT_ASSERT_EQUAL(std::string("3000"), server.run("HLEN postern:domains"));
    CPPUNIT_ASSERT_EQUAL(std::string("3000 rows"), admin.value()->changes(10)->front().after);
  }

 private:
  static void apply(Admin& admin, TableName table, const std::string& key, const std::string& value) {
    const auto before = admin.row(table, key);
    CPPUNIT_ASSERT(before.ok());
    const auto done = admin.apply(table, {{key, *before, value}}, "tester me");
    CPPUNIT_ASSERT_MESSAGE(done.ok() ? "" : done.error().text, done.ok());
    CPPUNIT_ASSERT_EQUAL(value, admin.row(table, key)->value());
  }
  static std::string words_sorted(const std::string& text) {
    return text == "surespam=delete spam=tag" ? "spam=tag surespam=delete" : text;
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AdminTest);

}  // namespace
}  // namespace postern::test
