#include "advisor/check/postgres.h"

#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace ridgeline::advisor::postgres {
namespace {

constexpr double kPatienceSeconds = 60;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string oneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// Classes of SQLSTATE after which the same statement may work: connection exceptions (08), operator intervention such
// as a shutdown (57P), too many connections (53), and transactions that lost to another (40).
bool maySucceedLater(const char* state) {
  if (state == nullptr) return true;  // no answer at all
  const std::string s = state;
  for (const char* prefix : {"08", "57P", "53", "40"}) {
    if (s.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

}  // namespace

Result<Connection> Connection::at(const std::string& url) {
  char* message = nullptr;
  std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &message));
  if (!options) {
    PQfreemem(message);  // it may quote the address, and with it a password
    return fail(ErrorCode::Usage, "the database's address cannot be read", "write it as postgres://HOST/NAME");
  }
  std::string host, database;
  for (const auto* o = options.get(); o->keyword != nullptr; ++o) {
    const std::string keyword = o->keyword;
    if (o->val == nullptr) continue;
    if (keyword == "password" || keyword == "sslpassword") {
      return fail(ErrorCode::Usage, "the database's address carries a password, which others can read",
                  "leave it out and set PGPASSWORD, or name a file with PGPASSFILE");
    }
    if (keyword == "host") host = o->val;
    if (keyword == "dbname") database = o->val;
  }
  return Connection(url, "postgres://" + host + "/" + database);
}

Error Connection::errorOf(const std::string& message) const {
  return {ErrorCode::Unavailable, fmt::format("{}: {}", m_name, oneLine(message)), ""};
}

Status Connection::connect() {
  if (m_connection && PQstatus(m_connection.get()) == CONNECTION_OK) return {};
  // The address comes last, so that it may say otherwise.
  const char* keywords[] = {"connect_timeout", "application_name", "client_encoding", "dbname", nullptr};
  const char* values[] = {"10", "ridgeline", "UTF8", m_url.c_str(), nullptr};
  m_connection.reset(PQconnectdbParams(keywords, values, 1));
  if (!m_connection) return tl::unexpected<Error>(errorOf("not enough memory"));
  if (PQstatus(m_connection.get()) == CONNECTION_OK) {
    PQsetNoticeProcessor(
        m_connection.get(), [](void*, const char*) {}, nullptr);
    return {};
  }
  const std::string message = PQerrorMessage(m_connection.get());
  // A server that answers and refuses the user will refuse again. One that is not there may come back.
  const bool refused = message.find("authentication") != std::string::npos ||
                       message.find("does not exist") != std::string::npos ||
                       message.find("no password") != std::string::npos;
  m_worthTrying = !refused;
  m_connection.reset();
  auto error = errorOf(message);
  error.hint = refused ? "PGUSER and PGPASSWORD, or PGPASSFILE, say who connects" : "is the server running?";
  return tl::unexpected<Error>(std::move(error));
}

Result<ResultHandle> Connection::execute(const std::string& sql, const std::vector<Parameter>& parameters,
                                         bool binaryResult) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const auto& p : parameters) {
    values.push_back(p.value ? p.value->c_str() : nullptr);
    lengths.push_back(p.value ? static_cast<int>(p.value->size()) : 0);
    formats.push_back(p.binary ? 1 : 0);
  }
  ResultHandle result(PQexecParams(m_connection.get(), sql.c_str(), static_cast<int>(parameters.size()), nullptr,
                                   values.data(), lengths.data(), formats.data(), binaryResult ? 1 : 0));
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  m_worthTrying = maySucceedLater(result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr);
  return tl::unexpected<Error>(errorOf(PQerrorMessage(m_connection.get())));
}

Status Connection::withRetries(const std::function<Status(Connection&)>& work) {
  const Stopwatch watch;
  auto pause = std::chrono::milliseconds(50);
  for (;;) {
    m_worthTrying = false;
    auto done = connect();
    if (done) done = work(*this);
    if (done || !m_worthTrying) return done;
    if (watch.seconds() > kPatienceSeconds) {
      done.error().message += fmt::format(" (tried for {:.0f} s)", watch.seconds());
      return done;
    }
    m_connection.reset();
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(2000));
  }
}

}  // namespace ridgeline::advisor::postgres
