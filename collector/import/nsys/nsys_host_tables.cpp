// What threads did: calls and ranges.
#include "collector/import/nsys/nsys_reader.h"
#include "collector/import/nsys/nsys_words.h"
#include "collector/words/privacy.h"
#include "collector/words/range_name.h"
#include "collector/words/shapes.h"

namespace ridgeline::collector::import {

using namespace profile;

Status NsysReader::readCalls() {
  m_read.insert("CUPTI_ACTIVITY_KIND_RUNTIME");
  return m_db.each("CUPTI_ACTIVITY_KIND_RUNTIME", {"start", "end", "globalTid", "correlationId", "nameId"}, m_job,
                   [&](const Row& row) -> Status {
                     auto& r = processOf(row.integer(2));
                     auto made = event(r, row, threadOf(r, row.integer(2)), labelOf(row.integer(4)), SliceKind::Call,
                                       "CUDA call");
                     if (!made) return passOn(made);
                     (*made)->extra = static_cast<uint32_t>(r.calls.size());
                     r.calls.push_back({row.isNull(3) ? kNoNumber : row.integer(3)});
                     return {};
                   });
}

// Tables of spans on threads.
Status NsysReader::readHost(const char* table, SliceKind kind) {
  m_read.insert(table);
  return m_db.each(table, {"start", "end", "globalTid", "nameId"}, m_job, [&](const Row& row) -> Status {
    auto& r = processOf(row.integer(2));
    auto made = event(r, row, threadOf(r, row.integer(2)), labelOf(row.integer(3)), kind, table);
    if (!made) return passOn(made);
    return {};
  });
}

Status NsysReader::readNvtx() {
  m_read.insert("NVTX_EVENTS");
  std::unordered_map<std::string, std::pair<uint32_t, uint32_t>> shapes;
  return m_db.each(
      "NVTX_EVENTS", {"start", "end", "eventType", "text", "textId", "globalTid"}, m_job,
      [&](const Row& row) -> Status {
        // The export's own types: 34 and 65 mark a moment, 59 and 70 nest on a thread, 60 and 71 do not.
        const int64_t type = row.integer(2);
        auto& r = processOf(row.integer(5));
        const bool mark = type == 34 || type == 65, nests = type == 59 || type == 70, free = type == 60 || type == 71;
        if (!mark && !nests && !free) {
          r.count("NVTX event", false, "names of domains, threads and categories");
          return {};
        }
        const auto text = row.text(3).empty() ? m_db.string(row.integer(4)) : row.text(3);
        const auto name = splitRangeName(text);
        const auto label = m_names.labels.intern(cleaned(name.name));
        const auto sizes = std::string(name.sizes);
        const uint32_t track =
            free ? trackOf(r, "ranges", {"ranges", TrackKind::Range, -1, 1000}) : threadOf(r, row.integer(5));
        const auto kind = mark ? SliceKind::Other : name.isOperator ? SliceKind::Operator : SliceKind::Range;
        auto made = event(r, row, track, label, kind, mark ? "NVTX mark" : "NVTX range");
        if (!made) return passOn(made);
        if (row.isNull(1) && !mark) r.count("begin without an end", true, "kept, without a duration");
        if (kind != SliceKind::Operator) return {};
        (*made)->extra = static_cast<uint32_t>(r.ops.size());
        const auto shape = sizes.size() > 4 ? shapesText(sizes, "") : "";
        r.ops.push_back({kNoNumber, shape.empty() ? kNone : m_names.labels.intern(shape)});
        return {};
      });
}

}  // namespace ridgeline::collector::import
