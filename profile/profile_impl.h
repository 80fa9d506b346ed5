// What a Profile holds. For the library's own use.
#pragma once

#include "base/files.h"
#include "profile/ids.h"
#include "profile/sqlite.h"

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace ridgeline::profile {

struct ProfileImpl {
  explicit ProfileImpl(sqlite::Connection connection) : db(std::move(connection)) {}

  // The file while it has its temporary name. Before `db`, which must close first.
  std::optional<PendingFile> pending;
  sqlite::Connection db;
  std::string name = "(memory)";
  int depth = 0;  // of transactions
  std::unordered_map<std::string, sqlite::Statement>
      statements;  // by SQL; after `db`, to be finalized before it closes
  std::unordered_map<std::string, LabelId> labels;

  // Prepared once, ready to be bound.
  Result<sqlite::Statement*> statement(const std::string& sql);
};

}  // namespace ridgeline::profile
