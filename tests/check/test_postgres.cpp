// Against a real server, which the tests start in a folder of their own.
#include "advisor/check/postgres.h"
#include "advisor/check/run_store.h"
#include "tests/check/recordings.h"

#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::advisor;
using ridgeline::test::recordingOf;
namespace fs = std::filesystem;

namespace {

fs::path serverPrograms() {
  for (const int version : {17, 16, 15, 14, 13}) {
    const fs::path folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
    if (fs::exists(folder / "postgres") && fs::exists(folder / "initdb")) return folder;
  }
  return {};
}

class Server {
 public:
  Server() {
    auto made = TemporaryFolder::create("pg");
    REQUIRE(made);
    m_folder.emplace(std::move(*made));
    // The server refuses to run as root.
    if (geteuid() == 0) {
      const auto* user = getpwnam("postgres");
      REQUIRE(user != nullptr);
      m_uid = user->pw_uid;
      m_gid = user->pw_gid;
      REQUIRE(chown(m_folder->path().c_str(), m_uid, m_gid) == 0);
    }
    const auto init = spawn({"initdb", "-D", data(), "-U", "tester", "-A", "trust", "--no-sync"});
    REQUIRE(wait(init) == 0);
    start();
  }
  ~Server() { stop(SIGQUIT); }

  void start() {
    m_process = spawn({"postgres", "-D", data(), "-k", m_folder->path().string(), "-c", "listen_addresses=", "-c",
                       "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=16MB"});
  }
  void stop(int signal) {
    if (m_process <= 0) return;
    kill(m_process, signal);
    wait(m_process);
    m_process = 0;
  }
  std::string url() const { return "postgres:///postgres?user=tester&host=" + m_folder->path().string(); }

 private:
  std::string data() const { return (m_folder->path() / "data").string(); }

  pid_t spawn(std::vector<std::string> command) const {
    command[0] = (serverPrograms() / command[0]).string();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child != 0) return child;
    if (m_uid != 0 && (setgid(m_gid) != 0 || setuid(m_uid) != 0)) _exit(97);
    if (chdir("/") != 0 || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(99);
    std::vector<char*> argv;
    for (auto& a : command) argv.push_back(a.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(98);
  }
  static int wait(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::optional<TemporaryFolder> m_folder;
  uid_t m_uid = 0;
  gid_t m_gid = 0;
  pid_t m_process = 0;
};

bool canServe() {
  if (!serverPrograms().empty() && (geteuid() != 0 || getpwnam("postgres") != nullptr)) return true;
  WARN("no PostgreSQL server is installed: skipped");
  return false;
}

std::unique_ptr<RunStore> storeAt(const std::string& url) {
  auto store = openRunStore(url);
  REQUIRE(store);
  return std::move(*store);
}

}  // namespace

TEST_CASE("runs in a database are listed, fetched and pruned like those of a folder") {
  if (!canServe()) return;
  const Server server;
  auto folder = TemporaryFolder::create("pg-runs");
  REQUIRE(folder);
  auto store = storeAt(server.url());
  for (int i = 0; i < 4; ++i) {
    const auto day = "2026-01-0" + std::to_string(i + 1) + "T00:00:00Z";
    const auto file =
        recordingOf(folder->path() / "r.ridge", "net'; DROP TABLE ridgeline_run; --.onnx", 10 + i, day, day);
    REQUIRE(store->publish(file, {"p", "main", day}, {}));
    REQUIRE(store->publish(file, {"p", "main", day}, {}));
  }
  const auto runs = store->list({});
  REQUIRE(runs);
  REQUIRE(runs->size() == 4);
  CHECK((*runs)[0].created == "2026-01-04T00:00:00Z");
  CHECK(*(*runs)[0].latencyMs == Approx(13).epsilon(1e-4));
  CHECK((*runs)[0].runs == 12);
  REQUIRE(store->fetch((*runs)[0].id, folder->path() / "back.ridge"));
  CHECK(*readFile(folder->path() / "back.ridge") == *readFile(folder->path() / "r.ridge"));
  CHECK(*store->prune(1) == 3);
  CHECK(store->list({.project = "p"})->size() == 1);
  CHECK(store->list({.project = "other"})->empty());
}

TEST_CASE("32 publishers at once, the server killed and restarted in the middle: every run is there once") {
  if (!canServe()) return;
  Server server;
  auto folder = TemporaryFolder::create("pg-many");
  REQUIRE(folder);
  constexpr int kPublishers = 32, kRuns = 3;
  for (int i = 0; i < kPublishers * kRuns; ++i) {
    recordingOf(folder->path() / (std::to_string(i) + ".ridge"), "net.onnx", 5, std::to_string(i));
  }
  std::atomic<int> failed = 0, done = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < kPublishers; ++i) {
    publishers.emplace_back([&, i] {
      auto store = openRunStore(server.url());
      for (int k = 0; k < kRuns; ++k) {
        const auto file = folder->path() / (std::to_string(i * kRuns + k) + ".ridge");
        if (!store || !(*store)->publish(file, {"p", "main", ""}, {})) ++failed;
        ++done;
      }
    });
  }
  // In the middle: some runs are in and some are not.
  while (done < kPublishers / 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const int before = done;
  server.stop(SIGQUIT);
  CHECK(before < kPublishers * kRuns);
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  server.start();
  for (auto& p : publishers) p.join();
  CHECK(failed == 0);
  CHECK(storeAt(server.url())->list({})->size() == kPublishers * kRuns);
}

TEST_CASE("tables of another version of the program are left as they are, and told") {
  if (!canServe()) return;
  const Server server;
  auto folder = TemporaryFolder::create("pg-version");
  REQUIRE(folder);
  const auto file = recordingOf(folder->path() / "r.ridge", "net.onnx", 10, "a", "2026-01-01T00:00:00Z");
  REQUIRE(storeAt(server.url())->publish(file, {"p", "main", "1"}, {}));
  auto connection = postgres::Connection::at(server.url());
  REQUIRE(connection);
  const auto setVersion = [&](int version) {
    const auto sql = "UPDATE ridgeline_schema SET version = " + std::to_string(version);
    REQUIRE(connection->withRetries([&](postgres::Connection& c) -> Status {
      auto done = c.execute(sql);
      return done ? Status() : tl::unexpected<Error>(done.error());
    }));
  };
  setVersion(99);
  for (const auto& error : {storeAt(server.url())->publish(file, {"p", "main", "2"}, {}).error(),
                            storeAt(server.url())->list({}).error()}) {
    CHECK(error.code == ErrorCode::Unavailable);
    CHECK(error.message.find("newer Ridgeline (schema 99") != std::string::npos);
  }
  setVersion(0);
  CHECK(storeAt(server.url())->list({}).error().message.find("damaged") != std::string::npos);
  setVersion(1);
  CHECK(storeAt(server.url())->list({})->size() == 1);
}

TEST_CASE("a server that is not there, or a user it does not know, is told without what is secret") {
  if (!canServe()) return;
  setenv("PGPASSWORD", "open sesame", 1);
  const Server server;
  auto store = storeAt(server.url());
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(store->list({}));  // waits until the server is up
  auto url = server.url();
  url.replace(url.find("tester"), 6, "nobody");
  const auto runs = storeAt(url)->list({});
  unsetenv("PGPASSWORD");
  REQUIRE_FALSE(runs);
  CHECK(runs.error().code == ErrorCode::Unavailable);
  CHECK(runs.error().text().find("sesame") == std::string::npos);
  CHECK(runs.error().text().find('\n') == std::string::npos);
}
