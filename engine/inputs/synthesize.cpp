// Inputs made up from what a model says of them.
#include "base/clock.h"
#include "engine/inputs.h"
#include "engine/inputs/dim_plan.h"
#include "engine/inputs/index_bounds.h"
#include "engine/inputs/model_inputs.h"

#include <algorithm>
#include <cctype>
#include <new>
#include <optional>
#include <random>

namespace ridgeline::engine {
namespace {

using graph::DataType;

constexpr double kSearchSeconds = 60;  // for finding sizes with which the model runs
constexpr int64_t kUsualBound = 100;
// Values tried for integers that are neither indices nor masks when random ones do not run: counts, flags, axes, and a
// sample rate.
constexpr int64_t kUsualValues[] = {1, 2, 0, 16000};
constexpr int64_t kSampleRate = 16000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool isMask(const PortInfo& port) { return lower(port.name).find("mask") != std::string::npos; }

bool isSampleRate(const PortInfo& port) {
  const auto name = lower(port.name);
  return graph::isInteger(port.type) &&
         (name == "sr" || name == "rate" || name.find("sample_rate") != std::string::npos ||
          name.find("sampling_rate") != std::string::npos);
}

bool isPosition(const PortInfo& port) { return lower(port.name).find("position") != std::string::npos; }

// FNV-1a, so that a tensor's values do not depend on the order of the inputs.
uint64_t streamOf(uint64_t seed, const std::string& name, int sample) {
  uint64_t hash = 14695981039346656037ull ^ (seed * 0x9E3779B97F4A7C15ull);
  for (const unsigned char c : name) hash = (hash ^ c) * 1099511628211ull;
  return hash + static_cast<uint64_t>(sample) * 0xD1B54A32D192ED03ull;
}

// How to fill one input.
struct Recipe {
  std::optional<int64_t> constant;  // every element
  int64_t bound = kUsualBound;      // of integers
  bool countUp = false;             // 0, 1, 2... along the last dimension
};

template <class T, class Make>
void fillWith(graph::Tensor& tensor, Make make) {
  for (auto& value : tensor.as<T>()) value = static_cast<T>(make());
}

template <class Make>
void fillIntegers(graph::Tensor& tensor, Make make) {
  switch (tensor.type()) {
    case DataType::Int8:
      return fillWith<int8_t>(tensor, make);
    case DataType::Uint8:
    case DataType::Bool:
      return fillWith<uint8_t>(tensor, make);
    case DataType::Int16:
      return fillWith<int16_t>(tensor, make);
    case DataType::Uint16:
      return fillWith<uint16_t>(tensor, make);
    case DataType::Int32:
      return fillWith<int32_t>(tensor, make);
    case DataType::Uint32:
      return fillWith<uint32_t>(tensor, make);
    case DataType::Int64:
      return fillWith<int64_t>(tensor, make);
    case DataType::Uint64:
      return fillWith<uint64_t>(tensor, make);
    default:
      return;
  }
}

template <class Make>
void fillFloats(graph::Tensor& tensor, Make make) {
  switch (tensor.type()) {
    case DataType::Float:
      return fillWith<float>(tensor, make);
    case DataType::Double:
      return fillWith<double>(tensor, make);
    case DataType::Float16:
      return fillWith<uint16_t>(tensor, [&] { return graph::floatToHalf(make()); });
    case DataType::Bfloat16:
      return fillWith<uint16_t>(tensor, [&] { return graph::floatToBfloat16(make()); });
    // The 8-bit kinds get ones: their bits differ by kind, and nothing takes them as inputs but tests.
    case DataType::Float8E4M3FN:
      return fillWith<uint8_t>(tensor, [] { return 0x38; });
    case DataType::Float8E5M2:
      return fillWith<uint8_t>(tensor, [] { return 0x3C; });
    case DataType::Float8E4M3FNUZ:
    case DataType::Float8E5M2FNUZ:
      return fillWith<uint8_t>(tensor, [] { return 0x40; });
    default:
      return;
  }
}

graph::Tensor makeTensor(const PortInfo& port, graph::Dims dims, const Recipe& recipe, uint64_t stream) {
  graph::Tensor tensor(port.type, std::move(dims));
  std::mt19937_64 random(stream);
  if (port.type == DataType::String) {
    tensor.strings().assign(static_cast<size_t>(tensor.size()), "a");
  } else if (port.type == DataType::Bool) {
    fillIntegers(tensor, [&] { return recipe.constant.value_or(1) != 0; });
  } else if (recipe.constant) {
    const auto value = *recipe.constant;
    fillIntegers(tensor, [&] { return value; });
    fillFloats(tensor, [&] { return static_cast<float>(value); });
  } else if (graph::isFloating(port.type)) {
    std::normal_distribution<float> normal;
    fillFloats(tensor, [&] { return normal(random); });
  } else if (graph::bitsOf(port.type) < 8) {
    fillWith<uint8_t>(tensor, [&] { return random() & 0xFF; });  // two elements a byte
  } else if (recipe.countUp && !tensor.dims().empty()) {
    const int64_t row = std::max<int64_t>(1, tensor.dims().back());
    int64_t i = 0;
    fillIntegers(tensor, [&] { return i++ % row % recipe.bound; });
  } else {
    std::uniform_int_distribution<int64_t> uniform(0, recipe.bound - 1);
    fillIntegers(tensor, [&] { return uniform(random); });
  }
  return tensor;
}

class Synthesizer {
 public:
  Synthesizer(const graph::Model& model, std::vector<PortInfo> ports, const ShapeRequest& shapes, uint64_t seed)
      : m_model(model), m_ports(std::move(ports)), m_plan(m_ports, shapes), m_seed(seed) {
    std::vector<std::string> names;
    for (const auto& port : m_ports) names.push_back(port.name);
    m_bounds = indexBounds(model, names);
    for (const auto& port : m_ports) {
      m_recipes[port.name] = usualRecipe(port);
      if (isLoose(port)) m_loose.push_back(port.name);
    }
  }

  Result<InputSet> make(int samples) {
    // Nothing to choose: the model will say itself if it does not run.
    if (m_plan.open() || !m_loose.empty()) {
      if (auto found = search(); !found) return passOn(found);
    } else {
      m_sizes = m_plan.candidates().front();
    }
    InputSet set;
    for (int i = 0; i < std::max(1, samples); ++i) set.samples.push_back(sample(i));
    set.notes = m_plan.notes(m_sizes);
    for (const auto& name : m_loose) {
      const auto& recipe = m_recipes.at(name);
      if (recipe.constant) set.notes.push_back(fmt::format("{} taken as {}", name, *recipe.constant));
    }
    return set;
  }

 private:
  // An integer input of which nothing is known: its value may decide whether the model runs.
  bool isLoose(const PortInfo& port) const {
    return graph::isInteger(port.type) && graph::bitsOf(port.type) >= 8 && !isMask(port) &&
           !m_bounds.contains(port.name);
  }

  Recipe usualRecipe(const PortInfo& port) const {
    Recipe recipe;
    if (isMask(port)) recipe.constant = 1;
    if (isSampleRate(port)) recipe.constant = kSampleRate;
    if (const auto bound = m_bounds.find(port.name); bound != m_bounds.end()) {
      recipe.bound = std::clamp<int64_t>(bound->second, 1, kUsualBound);
    }
    recipe.countUp = isPosition(port);
    return recipe;
  }

  NamedTensors sample(int index) const {
    NamedTensors out;
    for (const auto& port : m_ports) {
      out[port.name] =
          makeTensor(port, m_plan.dimsOf(port, m_sizes), m_recipes.at(port.name), streamOf(m_seed, port.name, index));
    }
    return out;
  }

  Result<Session> openSession() const {
    auto session = Session::create(m_model, {.optimization = Optimization::None});
    // Some models run only after the engine has rewritten them.
    if (!session && session.error().code == ErrorCode::BadInput) return Session::create(m_model, {});
    return session;
  }

  Status runs(Session& session) const {
    if (auto bound = session.bind(sample(0)); !bound) return bound;
    if (auto ran = session.run(); !ran) return passOn(ran);
    return {};
  }

  Status search() {
    auto session = openSession();
    if (!session) return passOn(session);
    const Stopwatch watch;
    std::optional<Error> first;
    const auto usual = m_recipes;
    for (size_t variant = 0; variant <= std::size(kUsualValues); ++variant) {
      if (variant > 0 && m_loose.empty()) break;
      m_recipes = usual;
      for (const auto& name : m_loose) {
        if (variant > 0) m_recipes[name].constant = kUsualValues[variant - 1];
      }
      for (const auto& sizes : m_plan.candidates()) {
        m_sizes = sizes;
        auto ran = runs(*session);
        if (ran) return {};
        if (!first) first = ran.error();
        if (watch.seconds() > kSearchSeconds) return failure(*first);
      }
    }
    return failure(*first);
  }

  static tl::unexpected<Error> failure(const Error& first) {
    return badInput("found no inputs the model runs with: " + first.message,
                    "give shapes with --shape, or inputs with --inputs");
  }

  const graph::Model& m_model;
  std::vector<PortInfo> m_ports;
  DimPlan m_plan;
  uint64_t m_seed;
  std::map<std::string, int64_t> m_bounds;
  std::map<std::string, Recipe> m_recipes;
  std::vector<std::string> m_loose;
  Sizes m_sizes;
};

// Inputs larger than the machine's memory are refused before any of it is asked for.
Status checkSizes(const std::vector<PortInfo>& ports, const ShapeRequest& shapes, int samples) {
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  const DimPlan plan(ports, shapes);
  const Sizes sizes = plan.candidates().front();
  double bytes = 0;
  for (const auto& port : ports) {
    const auto dims = plan.dimsOf(port, sizes);
    bytes += static_cast<double>(graph::elementCount(dims)) * graph::bitsOf(port.type) / 8 * std::max(1, samples);
    if (bytes < memory) continue;
    return badInput(
        fmt::format("input {} of shape {} does not fit this machine's memory", port.name, graph::formatDims(dims)),
        "give a smaller --shape");
  }
  return {};
}

}  // namespace

Result<InputSet> synthesizeInputs(const graph::Model& model, const ShapeRequest& shapes, int samples, uint64_t seed) {
  auto ports = modelInputs(model);
  if (auto ok = checkInputKinds(ports); !ok) return passOn(ok);
  if (auto ok = checkSizes(ports, shapes, samples); !ok) return passOn(ok);
  try {
    return Synthesizer(model, std::move(ports), shapes, seed).make(samples);
  } catch (const std::bad_alloc&) {
    return unavailable("not enough memory for inputs of these sizes", "give a smaller --shape");
  }
}

}  // namespace ridgeline::engine
