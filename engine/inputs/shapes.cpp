// --shape: reading what the user wrote.
#include "engine/inputs.h"
#include "engine/inputs/model_inputs.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>

namespace ridgeline::engine {
namespace {

// Far beyond any tensor that fits a machine, and small enough that a product of a few does not overflow unseen.
constexpr int64_t kLargestDim = int64_t{1} << 40;

std::optional<graph::Dims> parseDims(std::string_view text) {
  graph::Dims dims;
  if (text == "scalar") return dims;
  while (true) {
    const auto cut = std::min(text.find('x'), text.find(','));
    const auto word = text.substr(0, cut);
    int64_t value = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || parsed.ec != std::errc() || parsed.ptr != word.data() + word.size()) return std::nullopt;
    if (value < 0 || value > kLargestDim) return std::nullopt;
    dims.push_back(value);
    if (cut == std::string_view::npos) return dims;
    text.remove_prefix(cut + 1);
  }
}

// Enough of the inputs to see how they are written; a decoder has dozens, of a cache.
constexpr size_t kInputsShown = 4;

std::string describeBriefly(const std::vector<PortInfo>& ports) {
  if (ports.size() <= kInputsShown + 1) return describe(ports);
  std::set<std::string> open;
  for (const auto& port : ports) open.insert(port.symbols.begin(), port.symbols.end());
  open.erase("");
  auto text = fmt::format("{} and {} more", describe({ports.begin(), ports.begin() + kInputsShown}),
                          ports.size() - kInputsShown);
  if (!open.empty()) text += fmt::format("; its open dimensions are {}", fmt::join(open, ", "));
  return text;
}

auto usage(std::string message, const std::vector<PortInfo>& ports) {
  return fail(ErrorCode::Usage, std::move(message), "the model's inputs are " + describeBriefly(ports));
}

bool hasSymbol(const std::vector<PortInfo>& ports, std::string_view name) {
  return std::any_of(ports.begin(), ports.end(), [name](const PortInfo& p) {
    return std::find(p.symbols.begin(), p.symbols.end(), name) != p.symbols.end();
  });
}

Status checkAgainst(const PortInfo& port, const graph::Dims& dims, const std::string& argument,
                    const std::vector<PortInfo>& ports) {
  if (!port.ranked) return {};
  if (dims.size() != port.dims.size()) {
    return usage(
        fmt::format("--shape {}: {} has {} dimensions, not {}", argument, port.name, port.dims.size(), dims.size()),
        ports);
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    if (port.dims[i] >= 0 && port.dims[i] != dims[i]) {
      return usage(fmt::format("--shape {}: dimension {} of {} is fixed at {}", argument, i, port.name, port.dims[i]),
                   ports);
    }
  }
  return {};
}

// The shapes given must agree with each other and with the symbols given.
Status checkSymbols(const ShapeRequest& request, const std::vector<PortInfo>& ports) {
  auto sizes = request.symbols;
  for (const auto& [name, dims] : request.inputs) {
    const auto* port = findPort(ports, name);
    for (size_t i = 0; i < port->symbols.size(); ++i) {
      const auto& symbol = port->symbols[i];
      if (symbol.empty() || symbol == "?" || symbol == "None") continue;
      const auto [known, fresh] = sizes.emplace(symbol, dims[i]);
      if (!fresh && known->second != dims[i]) {
        return usage(fmt::format("--shape: {} is given as both {} and {}", symbol, known->second, dims[i]), ports);
      }
    }
  }
  return {};
}

}  // namespace

Result<ShapeRequest> parseShapes(const std::vector<std::string>& arguments, const graph::Model& model) {
  const auto ports = modelInputs(model);
  ShapeRequest request;
  for (const auto& argument : arguments) {
    // A tensor's name may itself hold '='; a shape does not.
    const auto equals = argument.rfind('=');
    if (equals == std::string::npos || equals == 0) {
      return usage(fmt::format("--shape {}: expected NAME=1x128 or SYMBOL=128", argument), ports);
    }
    const auto name = argument.substr(0, equals);
    const auto dims = parseDims(std::string_view(argument).substr(equals + 1));
    if (!dims) return usage(fmt::format("--shape {}: not a shape; write it as 1x3x224x224", argument), ports);
    if (const auto* port = findPort(ports, name)) {
      if (auto ok = checkAgainst(*port, *dims, argument, ports); !ok) return passOn(ok);
      request.inputs[name] = *dims;
    } else if (hasSymbol(ports, name)) {
      if (dims->size() != 1) {
        return usage(fmt::format("--shape {}: {} is one dimension, give one number", argument, name), ports);
      }
      request.symbols[name] = dims->front();
    } else {
      return usage(fmt::format("--shape {}: the model has no input or dimension {}", argument, name), ports);
    }
  }
  if (auto ok = checkSymbols(request, ports); !ok) return passOn(ok);
  return request;
}

}  // namespace ridgeline::engine
