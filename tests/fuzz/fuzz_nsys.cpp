// Exports of Nsight Systems: any bytes as a database; and, since few bytes are one, any bytes as rows of its tables.
#include "base/files.h"
#include "tests/fuzz/check_import.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

using namespace ridgeline;
using namespace ridgeline::collector::import;
using namespace ridgeline::tests;

namespace {

// The tables that are read, and columns whose values decide something. Types are left out: SQLite then keeps a cell as
// it is given, which no export promises either.
constexpr std::array kTables{
    "StringIds(id, value)",
    "EXPORT_META_DATA(name, value)",
    "TARGET_INFO_GPU(id, cuDevice, name, totalMemory, memoryBandwidth, clockRate, smCount, computeMajor, computeMinor)",
    "CUPTI_ACTIVITY_KIND_KERNEL(start, \"end\", deviceId, streamId, correlationId, globalPid, demangledName, gridX, "
    "blockX, graphNodeId)",
    "CUPTI_ACTIVITY_KIND_MEMCPY(start, \"end\", deviceId, streamId, correlationId, globalPid, bytes, copyKind, "
    "srcKind, "
    "dstKind)",
    "CUPTI_ACTIVITY_KIND_MEMSET(start, \"end\", deviceId, streamId, correlationId, globalPid, bytes)",
    "CUPTI_ACTIVITY_KIND_RUNTIME(start, \"end\", globalTid, correlationId, nameId)",
    "CUPTI_ACTIVITY_KIND_SYNCHRONIZATION(start, \"end\", deviceId, streamId, globalPid, syncType)",
    "CUPTI_ACTIVITY_KIND_GRAPH_TRACE(start, \"end\", deviceId, streamId, globalPid, graphId)",
    "NVTX_EVENTS(start, \"end\", eventType, text, textId, globalTid)",
    "CUDA_GPU_MEMORY_USAGE_EVENTS(start, globalPid, deviceId, bytes, memoryOperationType)",
    "OSRT_API(start, \"end\", globalTid, nameId)",
    "SCHED_EVENTS(start, cpu)"};
constexpr std::array<int, kTables.size()> kColumns{2, 2, 9, 10, 10, 7, 5, 6, 6, 6, 5, 4, 2};

class Input {
 public:
  Input(const uint8_t* data, size_t size) : m_at(data), m_end(data + size) {}
  bool empty() const { return m_at == m_end; }
  uint8_t byte() { return empty() ? 0 : *m_at++; }
  std::string_view bytes(size_t count) {
    count = std::min(count, static_cast<size_t>(m_end - m_at));
    const std::string_view out(reinterpret_cast<const char*>(m_at), count);
    m_at += count;
    return out;
  }

 private:
  const uint8_t *m_at, *m_end;
};

// A cell: what it is, then its value.
void bind(sqlite3_stmt* row, int column, Input& input) {
  const uint8_t what = input.byte();
  if (what < 160) {
    sqlite3_bind_int64(row, column, what);
  } else if (what < 200) {
    const auto text = input.bytes(what - 160U);
    sqlite3_bind_text(row, column, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  } else if (what < 250) {
    int64_t number = 0;
    const auto raw = input.bytes(sizeof number);
    std::memcpy(&number, raw.data(), raw.size());
    sqlite3_bind_int64(row, column, number);
  } else if (what < 253) {
    sqlite3_bind_double(row, column, what == 250 ? 1e300 : -0.5);
  } else {
    sqlite3_bind_null(row, column);
  }
}

// A row: the number of its table, then its cells.
void writeRows(const std::filesystem::path& path, Input input) {
  sqlite3* db = nullptr;
  require(sqlite3_open(path.c_str(), &db) == SQLITE_OK, "a database is made");
  sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", nullptr, nullptr, nullptr);
  std::array<sqlite3_stmt*, kTables.size()> inserts{};
  const auto tables = static_cast<uint32_t>(input.byte()) | static_cast<uint32_t>(input.byte()) << 8;
  for (size_t t = 0; t < kTables.size(); ++t) {
    if (t > 0 && (tables >> t & 1U) != 0) continue;  // not in this export
    sqlite3_exec(db, (std::string("CREATE TABLE ") + kTables[t]).c_str(), nullptr, nullptr, nullptr);
    std::string sql = std::string("INSERT INTO ") + kTables[t] + " VALUES (?";
    for (int c = 1; c < kColumns[t]; ++c) sql += ", ?";
    require(sqlite3_prepare_v2(db, (sql + ")").c_str(), -1, &inserts[t], nullptr) == SQLITE_OK, "a row is prepared");
  }
  for (int rows = 0; !input.empty() && rows < 300; ++rows) {
    const size_t t = input.byte() % kTables.size();
    if (inserts[t] == nullptr) continue;
    for (int c = 0; c < kColumns[t]; ++c) bind(inserts[t], c + 1, input);
    sqlite3_step(inserts[t]);
    sqlite3_reset(inserts[t]);
  }
  for (auto* insert : inserts) sqlite3_finalize(insert);
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(db);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto folder = *TemporaryFolder::create("fuzz-nsys");
  const auto path = folder.path() / "export.sqlite";
  std::error_code ec;
  std::filesystem::remove(path, ec);
  if (size >= 16 && std::memcmp(data, "SQLite format 3", 16) == 0) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  } else {
    writeRows(path, {data, size});
  }
  Names names;
  checkImport(readRecording(path, names, quietJob()), names);
  return 0;
}
