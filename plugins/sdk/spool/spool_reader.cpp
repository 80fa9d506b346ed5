#include "plugins/sdk/spool/spool_reader.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

// Shorter bodies come from older writers: what they lack is zero. Longer ones from newer.
template <class Wire>
std::optional<Wire> bodyOf(const char* body, size_t bytes, size_t least = sizeof(Wire)) {
  if (bytes < least) return std::nullopt;
  Wire wire{};
  std::memcpy(&wire, body, std::min(bytes, sizeof(Wire)));
  return wire;
}

std::string fixedText(const char* text, size_t size) {
  std::string out(text, ::strnlen(text, size));
  for (auto& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  return out;
}

Result<SpoolInfo> readHeader(std::istream& in, const std::string& name) {
  RidgelineSpoolHeader header{};
  in.read(reinterpret_cast<char*>(&header), sizeof header);
  const bool whole = in.gcount() == static_cast<std::streamsize>(sizeof header);
  if (!whole || std::memcmp(header.magic, "RDGSPOOL", 8) != 0 || header.header_bytes < sizeof header) {
    return badInput(fmt::format("{}: it is no spool, or was cut off in its head", name));
  }
  if (header.version != RIDGELINE_SPOOL_VERSION) {
    return badInput(fmt::format("{}: it is of spool version {}, this Ridgeline reads {}", name, header.version,
                                RIDGELINE_SPOOL_VERSION));
  }
  in.seekg(header.header_bytes);
  return SpoolInfo{fixedText(header.plugin, sizeof header.plugin),
                   fixedText(header.program, sizeof header.program),
                   header.process,
                   header.parent,
                   header.monotonic_ns,
                   header.realtime_ns};
}

class SpoolReader {
 public:
  SpoolReader(std::istream& in, int64_t size, SpoolVisitor& visitor) : m_in(in), m_size(size), m_visitor(visitor) {}

  Result<SpoolDamage> read() {
    for (int64_t at = m_in.tellg(); at + static_cast<int64_t>(sizeof(RidgelineSpoolBlock)) <= m_size;) {
      RidgelineSpoolBlock block{};
      m_in.seekg(at);
      if (!m_in.read(reinterpret_cast<char*>(&block), sizeof block)) break;
      const int64_t next = at + static_cast<int64_t>(sizeof block) + block.bytes;
      if (!plausible(block)) {
        ++m_damage.blocks;
        at = findBlock(at + 4);
        continue;
      }
      if (next > m_size) {
        m_damage.missingBytes = next - m_size;
        return m_damage;
      }
      m_buffer.resize(block.bytes);
      if (!m_in.read(m_buffer.data(), block.bytes)) break;
      if (!hasWanted()) {
        at = next;
        continue;
      }
      if (ridgeline_spool_checksum(m_buffer.data(), m_buffer.size()) != block.checksum) {
        ++m_damage.blocks;
        at = findBlock(at + 4);
        continue;
      }
      if (auto done = readBlock(); !done) return passOn(done);
      at = next;
    }
    return m_damage;
  }

 private:
  static bool plausible(const RidgelineSpoolBlock& block) {
    return block.magic == RIDGELINE_SPOOL_BLOCK_MAGIC && block.bytes <= RIDGELINE_SPOOL_LARGEST_BLOCK &&
           block.bytes % 8 == 0;
  }

  // Where a next block may begin; the end when nowhere.
  int64_t findBlock(int64_t from) {
    constexpr uint32_t magic = RIDGELINE_SPOOL_BLOCK_MAGIC;
    std::vector<char> window(1 << 16);
    m_in.clear();
    for (int64_t at = from; at + 4 <= m_size;) {
      m_in.seekg(at);
      m_in.read(window.data(), static_cast<std::streamsize>(window.size()));
      const auto got = m_in.gcount();
      m_in.clear();
      if (got < 4) break;
      const auto* bytes = reinterpret_cast<const char*>(&magic);
      const auto found = std::search(window.begin(), window.begin() + got, bytes, bytes + 4);
      if (found != window.begin() + got) return at + (found - window.begin());
      at += got - 3;
    }
    return m_size;
  }

  // The record that begins there; nullopt when its length makes no sense.
  std::optional<RidgelineWire> wireAt(size_t at) const {
    RidgelineWire wire;
    std::memcpy(&wire, m_buffer.data() + at, sizeof wire);
    if (wire.bytes < sizeof wire || wire.bytes % 8 != 0 || wire.bytes > m_buffer.size() - at) return std::nullopt;
    return wire;
  }

  bool hasWanted() const {
    for (size_t at = 0; at + sizeof(RidgelineWire) <= m_buffer.size();) {
      const auto wire = wireAt(at);
      if (!wire || m_visitor.wants(wire->type)) return true;
      at += wire->bytes;
    }
    return false;
  }

  Status readBlock() {
    for (size_t at = 0; at + sizeof(RidgelineWire) <= m_buffer.size();) {
      const auto wire = wireAt(at);
      if (!wire) return unknown();
      auto done = readRecord(wire->type, m_buffer.data() + at + sizeof *wire, wire->bytes - sizeof *wire);
      if (!done) return done;
      at += wire->bytes;
    }
    return {};
  }

  Status readRecord(uint16_t type, const char* body, size_t bytes) {
    if (!m_visitor.wants(type)) return {};
    switch (type) {
      case RIDGELINE_WIRE_TEXT:
        return readText(body, bytes);
      case RIDGELINE_RECORD_KERNEL:
        return readKernel(body, bytes);
      case RIDGELINE_RECORD_COPY:
        return readCopy(body, bytes);
      case RIDGELINE_RECORD_SPAN:
        return readSpan(body, bytes);
      case RIDGELINE_RECORD_DEVICE:
        return readDevice(body, bytes);
      case RIDGELINE_RECORD_TRACK:
        return readTrack(body, bytes);
      case RIDGELINE_RECORD_COUNT:
        return readCount(body, bytes);
      case RIDGELINE_RECORD_CLOCK:
        return readClock(body, bytes);
      case RIDGELINE_RECORD_LOST:
        return readLost(body, bytes);
      case RIDGELINE_RECORD_NOTE:
        return readNote(body, bytes);
      default:
        return unknown();
    }
  }

  Status unknown() {
    ++m_damage.unknown;
    return {};
  }

  Status readText(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireText>(body, bytes);
    if (!w || w->text == 0 || w->length > bytes - sizeof *w) return unknown();
    auto& place = m_texts[w->text];
    // Whoever remembers a text by its address must never find another one there.
    if (place) m_replaced.push_back(std::move(place));
    place = std::make_unique<std::string>(body + sizeof *w, w->length);
    return {};
  }
  const char* text(uint32_t number) const {
    if (number == 0) return nullptr;
    const auto found = m_texts.find(number);
    return found == m_texts.end() ? "(name lost)" : found->second->c_str();
  }

  Status readDevice(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireDevice>(body, bytes);
    if (!w) return unknown();
    auto d = RIDGELINE_INIT(RidgelineDevice);
    d.id = text(w->id), d.name = text(w->name), d.kind = text(w->kind), d.vendor = text(w->vendor);
    d.properties = text(w->properties), d.unavailable = text(w->unavailable), d.remedy = text(w->remedy);
    d.memory_bytes = w->memory_bytes;
    return m_visitor.device(d);
  }
  Status readTrack(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireTrack>(body, bytes);
    if (!w) return unknown();
    auto t = RIDGELINE_INIT(RidgelineTrack);
    t.track = w->track, t.name = text(w->name), t.kind = w->kind, t.clock = w->clock;
    t.device = text(w->device), t.thread = w->thread;
    return m_visitor.track(t);
  }
  Status readKernel(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireKernel>(body, bytes);
    if (!w) return unknown();
    auto k = RIDGELINE_INIT(RidgelineKernel);
    k.track = w->track, k.name = text(w->name), k.correlation = w->correlation;
    k.queued_ns = w->queued_ns, k.submitted_ns = w->submitted_ns, k.start_ns = w->start_ns, k.end_ns = w->end_ns;
    std::copy(w->grid, w->grid + 3, k.grid);
    std::copy(w->block, w->block + 3, k.block);
    k.registers = w->registers, k.static_shared_bytes = w->static_shared_bytes;
    k.dynamic_shared_bytes = w->dynamic_shared_bytes, k.local_bytes = w->local_bytes;
    k.graph = w->graph, k.graph_node = w->graph_node;
    return m_visitor.kernel(k);
  }
  Status readCopy(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireCopy>(body, bytes);
    if (!w) return unknown();
    auto c = RIDGELINE_INIT(RidgelineCopy);
    c.track = w->track, c.name = text(w->name), c.correlation = w->correlation, c.bytes = w->bytes;
    c.queued_ns = w->queued_ns, c.submitted_ns = w->submitted_ns, c.start_ns = w->start_ns, c.end_ns = w->end_ns;
    c.kind = w->kind, c.flags = w->flags, c.graph = w->graph, c.graph_node = w->graph_node;
    return m_visitor.copy(c);
  }
  Status readSpan(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireSpan>(body, bytes);
    if (!w) return unknown();
    auto s = RIDGELINE_INIT(RidgelineSpan);
    s.track = w->track, s.name = text(w->name), s.domain = text(w->domain), s.detail = text(w->detail);
    s.start_ns = w->start_ns, s.end_ns = w->end_ns, s.correlation = w->correlation;
    s.kind = w->kind, s.status = w->status;
    return m_visitor.span(s);
  }
  Status readCount(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireCount>(body, bytes);
    if (!w) return unknown();
    auto c = RIDGELINE_INIT(RidgelineCount);
    c.track = w->track, c.counter = text(w->counter), c.time_ns = w->time_ns;
    c.correlation = w->correlation, c.value = w->value;
    return m_visitor.count(c);
  }
  Status readClock(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireClock>(body, bytes);
    if (!w) return unknown();
    auto c = RIDGELINE_INIT(RidgelineClock);
    c.clock = w->clock, c.device_ns = w->device_ns, c.host_ns = w->host_ns, c.uncertainty_ns = w->uncertainty_ns;
    return m_visitor.clock(c);
  }
  Status readLost(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireLost>(body, bytes);
    if (!w) return unknown();
    auto l = RIDGELINE_INIT(RidgelineLost);
    l.count = w->count;
    l.why = w->why ? text(w->why) : "there was no room to write them";
    return m_visitor.lost(l);
  }
  Status readNote(const char* body, size_t bytes) {
    const auto w = bodyOf<RidgelineWireNote>(body, bytes);
    if (!w) return unknown();
    auto n = RIDGELINE_INIT(RidgelineNote);
    n.severity = w->severity, n.text = text(w->text);
    return m_visitor.note(n);
  }

  std::istream& m_in;
  int64_t m_size;
  SpoolVisitor& m_visitor;
  SpoolDamage m_damage;
  std::vector<char> m_buffer;
  std::unordered_map<uint32_t, std::unique_ptr<std::string>> m_texts;
  std::vector<std::unique_ptr<std::string>> m_replaced;
};

Result<std::ifstream> openSpool(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return badInput(fmt::format("{}: it cannot be read", file.filename().string()));
  return in;
}

}  // namespace

Result<SpoolInfo> readSpoolInfo(const fs::path& file) {
  auto in = openSpool(file);
  if (!in) return passOn(in);
  return readHeader(*in, file.filename().string());
}

Result<SpoolDamage> readSpool(const fs::path& file, SpoolVisitor& visitor) {
  auto in = openSpool(file);
  if (!in) return passOn(in);
  if (auto header = readHeader(*in, file.filename().string()); !header) return passOn(header);
  std::error_code ec;
  const auto size = static_cast<int64_t>(fs::file_size(file, ec));
  return SpoolReader(*in, ec ? 0 : size, visitor).read();
}

}  // namespace ridgeline::plugins
