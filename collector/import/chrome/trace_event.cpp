#include "collector/import/chrome/trace_event.h"

#include "collector/import/recording.h"

#include <simdjson.h>

#include <cstring>
#include <memory>
#include <string>

namespace ridgeline::collector::import {
namespace {

namespace od = simdjson::ondemand;

// As written. A key with an escaped quote ends there, and is none that is looked for.
std::string_view keyOf(const od::field& field) {
  const char* begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') ++end;
  return {begin, static_cast<size_t>(end - begin)};
}

// A field's value as text: of a number its digits, of a string what is between its quotes. Only strings with escapes
// go through the parser's own buffer.
bool textOf(od::value& value, std::string_view& out) {
  out = value.raw_json_token();
  while (!out.empty() && static_cast<unsigned char>(out.back()) <= ' ') out.remove_suffix(1);
  if (!out.starts_with('"')) return !out.empty() && out[0] != '{' && out[0] != '[';
  if (std::memchr(out.data(), '\\', out.size()) != nullptr) return value.get_string().get(out) == simdjson::SUCCESS;
  if (out.size() < 2 || out.back() != '"') return false;
  out = out.substr(1, out.size() - 2);
  return true;
}

int64_t numberOf(od::value& value) {
  const auto number = integerOf(value.raw_json_token());
  return number ? *number : kNoNumber;
}

void triple(od::value& value, std::array<int64_t, 3>& out) {
  od::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return;
  size_t i = 0;
  for (auto item : list) {
    od::value v;
    if (item.get(v) != simdjson::SUCCESS) return;
    if (i < out.size()) out[i++] = numberOf(v);
  }
}

void rawArray(od::value& value, std::string_view& out) {
  od::array list;
  if (value.get_array().get(list) == simdjson::SUCCESS) {
    if (list.raw_json().get(out) != simdjson::SUCCESS) out = {};
  }
}

// Keys differ between exporters and years: "External id" was "external id" in 2021.
void readArg(std::string_view key, od::value& value, EventArgs& a) {
  switch (key.size()) {
    case 4:
      if (key == "grid") return triple(value, a.grid);
      if (key == "name") return void(textOf(value, a.name));
      if (key == "kind") return void(textOf(value, a.kind));
      return;
    case 5:
      if (key == "block") return triple(value, a.block);
      if (key == "bytes" || key == "Bytes") a.bytes = numberOf(value);
      return;
    case 6:
      if (key == "grid_x") a.grid[0] = numberOf(value);
      if (key == "grid_y") a.grid[1] = numberOf(value);
      if (key == "grid_z") a.grid[2] = numberOf(value);
      if (key == "device") a.device = numberOf(value);
      if (key == "stream") a.stream = numberOf(value);
      return;
    case 7:
      if (key == "op_name") return void(textOf(value, a.opName));
      if (key == "block_x") a.block[0] = numberOf(value);
      if (key == "block_y") a.block[1] = numberOf(value);
      if (key == "block_z") a.block[2] = numberOf(value);
      return;
    case 8:
      if (key == "provider") return void(textOf(value, a.provider));
      return;
    case 16:
      if (key == "input_type_shape") return rawArray(value, a.inputTypeShape);
      return;
    case 17:
      if (key == "output_type_shape") return rawArray(value, a.outputTypeShape);
      return;
    case 9:
      if (key == "Device Id") a.deviceId = numberOf(value);
      return;
    case 10:
      if (key == "Input Dims" || key == "Input dims") return rawArray(value, a.inputDims);
      if (key == "Input type") return rawArray(value, a.inputTypes);
      return;
    case 11:
      if (key == "correlation") a.correlation = numberOf(value);
      if (key == "External id" || key == "external id") a.externalId = numberOf(value);
      if (key == "Device Type") a.deviceType = numberOf(value);
      return;
    case 13:
      if (key == "shared memory") a.sharedMemory = numberOf(value);
      if (key == "graph node id") a.graphNode = numberOf(value);
      return;
    case 15:
      if (key == "Concrete Inputs") return rawArray(value, a.concreteInputs);
      if (key == "Total Allocated") a.totalAllocated = numberOf(value);
      return;
    case 20:
      if (key == "registers per thread") a.registers = numberOf(value);
      return;
    case 25:
    case 26:
      if (key.starts_with("est. achieved occupancy")) {
        if (value.get_double().get(a.occupancy) != simdjson::SUCCESS) a.occupancy = -1;
      }
      return;
    default:
      return;
  }
}

enum Field : unsigned {
  kName = 1,
  kCategory = 2,
  kPid = 4,
  kTid = 8,
  kId = 16,
  kPhase = 32,
  kTime = 64,
  kDuration = 128,
  kArgs = 256
};

unsigned fieldOf(std::string_view key) {
  if (key == "ph") return kPhase;
  if (key == "ts") return kTime;
  if (key == "dur") return kDuration;
  if (key == "cat") return kCategory;
  if (key == "name") return kName;
  if (key == "pid") return kPid;
  if (key == "tid") return kTid;
  if (key == "args") return kArgs;
  if (key == "id") return kId;
  return 0;
}

simdjson::error_code readArgs(od::value& value, EventArgs& out) {
  od::json_type type{};
  if (auto e = value.type().get(type)) return e;
  if (type != od::json_type::object) return simdjson::SUCCESS;
  od::object args;
  if (auto e = value.get_object().get(args)) return e;
  for (auto item : args) {
    od::field field;
    if (auto e = std::move(item).get(field)) return e;
    readArg(keyOf(field), field.value(), out);
  }
  return simdjson::SUCCESS;
}

// The object at the front of the text.
std::string_view objectIn(std::string_view text) {
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inString) {
      if (c == '\\') ++i;
      if (c == '"') inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return text.substr(0, i + 1);
    }
  }
  return text;
}

}  // namespace

void EventArgs::clear() {
  correlation = externalId = device = stream = bytes = registers = sharedMemory = graphNode = totalAllocated =
      deviceType = deviceId = kNoNumber;
  grid.fill(kNoNumber), block.fill(kNoNumber);
  occupancy = -1;
  inputDims = inputTypes = concreteInputs = name = kind = {};
  opName = provider = inputTypeShape = outputTypeShape = {};
}

struct TraceEventParser::Impl {
  od::parser parser;
  od::parser again;  // for a second look at one event while the first goes on

  Status event(od::object object, TraceEvent& out, std::string_view where);
};

// True for what can be read; else an Error in one line.
Status TraceEventParser::Impl::event(od::object object, TraceEvent& out, std::string_view where) {
  const auto bad = [&](std::string_view what) { return badInput(fmt::format("{}: {}", where, what)); };
  unsigned seen = 0;
  for (auto item : object) {
    od::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return bad("is no valid JSON");
    const auto key = keyOf(field);
    const unsigned which = fieldOf(key);
    if (which == 0) continue;
    if ((seen & which) != 0) return bad(fmt::format("has \"{}\" twice", key));
    seen |= which;
    auto& value = field.value();
    std::string_view text;
    bool good = true;
    switch (which) {
      case kPhase:
        good = textOf(value, text);
        out.phase = text.size() == 1 ? text[0] : '?';
        break;
      case kTime:
      case kDuration: {
        const auto ns = nanosecondsOf(value.raw_json_token());
        if (!ns) return bad(fmt::format("has a \"{}\" that is no time", key));
        (which == kTime ? out.timeNs : out.durationNs) = *ns;
        (which == kTime ? out.hasTime : out.hasDuration) = true;
        break;
      }
      case kName:
        good = textOf(value, out.name);
        break;
      case kCategory:
        good = textOf(value, out.category);
        break;
      case kPid:
        good = textOf(value, out.pid);
        break;
      case kTid:
        good = textOf(value, out.tid);
        break;
      case kId:
        good = textOf(value, out.id);
        break;
      default:
        good = readArgs(value, out.args) == simdjson::SUCCESS;
    }
    if (!good) return bad("is no valid JSON");
  }
  return {};
}

TraceEventParser::TraceEventParser() : m_impl(std::make_unique<Impl>()) {}
TraceEventParser::~TraceEventParser() = default;

Status TraceEventParser::parse(std::string_view text, uint64_t offset, std::string_view name,
                               const std::function<Status(const TraceEvent&)>& handle) {
  od::document document;
  const auto failed = [&](simdjson::error_code e, size_t at) {
    if (e == simdjson::UTF8_ERROR) {
      return badInput(fmt::format("{} is not UTF-8, in the megabyte at byte {}", name, offset),
                      "export it again, or convert it");
    }
    return badInput(fmt::format("{} is no valid JSON near byte {}: {}", name, offset + at, simdjson::error_message(e)));
  };
  // The caller guarantees the padding behind the text.
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  if (auto e = m_impl->parser.iterate(padded).get(document)) return failed(e, 0);
  od::array events;
  if (auto e = document.get_array().get(events)) return failed(e, 0);
  TraceEvent event;
  const char* at = text.data();
  for (auto item : events) {
    od::value value;
    if (auto e = item.get(value)) return failed(e, static_cast<size_t>(at - text.data()));
    const auto token = value.raw_json_token();
    at = token.data();
    od::object object;
    if (auto e = value.get_object().get(object)) return failed(e, static_cast<size_t>(at - text.data()));
    event = TraceEvent();
    const auto where = [&] {
      return fmt::format("{}: the event at byte {}", name, offset + static_cast<size_t>(at - text.data()));
    };
    if (auto s = m_impl->event(object, event, ""); !s) return badInput(where() + s.error().message.substr(1));
    event.text = std::string_view(at, static_cast<size_t>(text.data() + text.size() - at));
    if (auto s = handle(event); !s) {
      if (s.error().message.starts_with(":")) return badInput(where() + s.error().message.substr(1));
      return s;
    }
  }
  return {};
}

void TraceEventParser::numbers(const TraceEvent& event, const std::function<void(std::string_view, double)>& number) {
  const auto text = objectIn(event.text);
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  od::document document;
  od::object args;
  if (m_impl->again.iterate(padded).get(document) || document["args"].get_object().get(args)) return;
  for (auto item : args) {
    od::field field;
    if (std::move(item).get(field)) return;
    const auto key = keyOf(field);
    double value = 0;
    if (field.value().get_double().get(value) == simdjson::SUCCESS) number(key, value);
  }
}

}  // namespace ridgeline::collector::import
