// The tables of the file, how older files become current ones, and how a file is recognized. For the library's own use.
#pragma once

#include "base/result.h"
#include "profile/sqlite.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ridgeline::profile::schema {

// PRAGMA application_id: "RDGE" in ASCII. `file` and SQLite tools can tell a profile by it.
inline constexpr int32_t kApplicationId = 0x52444745;

// steps()[n] is the SQL that makes schema n + 1 of schema n; the first makes the tables in an empty file. A step that
// has been released is never edited: files of that version exist.
std::span<const std::string_view> steps();
inline int64_t currentVersion() { return static_cast<int64_t>(steps().size()); }

// The views: made anew by every migration, so that they can change with the tables.
std::string_view views();
std::string_view timelineViews();  // a part of them: accelerators and imported recordings

enum class State { Current, Older };
// What the file is: BadInput when it is no profile, of a newer schema, or damaged.
Result<State> examine(sqlite::Connection& connection);

// Brings an empty or older database to the last of `steps` in one transaction: all of it or nothing.
Status migrate(sqlite::Connection& connection, std::span<const std::string_view> allSteps, std::string_view allViews);

}  // namespace ridgeline::profile::schema
