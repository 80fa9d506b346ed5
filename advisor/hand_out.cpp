#include "advisor/hand_out.h"

#include "base/files.h"
#include "engine/port_orders.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

// A file that an earlier result left there would be taken for this one's.
Status writeSettings(const engine::Settings& settings, const fs::path& model) {
  const auto path = engine::settingsPathOf(model);
  if (!settings.empty()) return writeFileAtomically(path, engine::toJson(settings));
  std::error_code ec;
  fs::remove(path, ec);
  return {};
}

Status copyModel(const graph::Model& original, const fs::path& input, const fs::path& output) {
  std::error_code ec;
  if (fs::equivalent(input, output, ec)) return {};
  // Weights that were only set aside while the model was worked on are still in the file.
  const bool setAside = !fs::equivalent(original.folder(), fs::absolute(input).parent_path(), ec);
  const bool external = std::ranges::any_of(original.graphProto().initializer(), [](const auto& t) {
    return t.data_location() == onnx::TensorProto::EXTERNAL;
  });
  if (external && !setAside) return original.save(output);
  auto bytes = readFile(input);
  if (!bytes) return passOn(bytes);
  return writeFileAtomically(output, *bytes);
}

}  // namespace

Status writeRewritten(graph::Model& model, const std::vector<Trial>& trials, const fs::path& output) {
  std::string applied;
  for (const auto& t : trials) {
    if (!t.accepted || t.kind == RuleKind::Engine) continue;
    if (!applied.empty()) applied += ", ";
    applied += t.opportunity.rule + (t.opportunity.variant.empty() ? "" : " " + t.opportunity.variant);
  }
  model.setMetadata("rewrites", applied);
  const auto orders = engine::portOrdersIn(model);
  if (!orders.empty()) model.setMetadata("io_layout", orders.describe());
  if (auto saved = model.save(output); !saved) return saved;
  return writeSettings(engine::settingsIn(model), output);
}

Status writeUntouched(const graph::Model& original, const engine::Settings& settings, const fs::path& input,
                      const fs::path& output) {
  if (auto copied = copyModel(original, input, output); !copied) return copied;
  return writeSettings(settings, output);
}

}  // namespace ridgeline::advisor
