// libpq behind a value that closes itself, reconnects, and speaks Results. For the run store's own use.
#pragma once

#include "base/result.h"

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor::postgres {

// A parameter of a statement: text, bytes, or NULL.
struct Parameter {
  std::optional<std::string> value;
  bool binary = false;
};

struct CloseResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, CloseResult>;

class Connection {
 public:
  // Usage when the address carries a password. Does not connect yet.
  static Result<Connection> at(const std::string& url);

  // Runs `work` on an open connection. When the server goes away meanwhile, or is starting or full, connects again and
  // runs it again, for up to a minute: `work` must be able to bear that.
  Status withRetries(const std::function<Status(Connection&)>& work);

  // One statement. `binaryResult`: values come as the server's bytes.
  Result<ResultHandle> execute(const std::string& sql, const std::vector<Parameter>& parameters = {},
                               bool binaryResult = false);

  // "postgres://host/database", nothing else of the address.
  const std::string& name() const { return m_name; }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  Connection(std::string url, std::string name) : m_url(std::move(url)), m_name(std::move(name)) {}
  Status connect();
  Error errorOf(const std::string& message) const;

  std::string m_url, m_name;
  std::unique_ptr<PGconn, Close> m_connection;
  bool m_worthTrying = false;  // the last failure may go away by itself
};

}  // namespace ridgeline::advisor::postgres
