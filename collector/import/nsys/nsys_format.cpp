#include "collector/import/nsys/nsys_format.h"

#include "collector/import/nsys/nsys_reader.h"

namespace ridgeline::collector::import {

bool recognizesNsys(std::string_view head) { return head.starts_with(std::string_view("SQLite format 3\0", 16)); }

Result<std::vector<Recording>> readNsys(Input& input, Names& names, Job job) {
  auto db = NsysDatabase::open(input.path);
  if (!db) return passOn(db);
  if (db->has("intake") && db->has("operator")) {
    return badInput(fmt::format("{} is a Ridgeline profile already", input.name()), "`ridgeline report` reads it");
  }
  if (!db->has("StringIds") || (!db->has("EXPORT_META_DATA") && !db->has("META_DATA_EXPORT") &&
                                !db->has("CUPTI_ACTIVITY_KIND_KERNEL") && !db->has("NVTX_EVENTS"))) {
    return badInput(fmt::format("{} is a database, but no export of Nsight Systems", input.name()),
                    "`nsys export --type sqlite` makes one");
  }
  return NsysReader(*db, names, job, input.name()).read();
}

}  // namespace ridgeline::collector::import
