#include "advisor/rules/quantization/static_survey.h"

#include "advisor/rules/quantization/slices.h"

#include <algorithm>
#include <array>

namespace ridgeline::advisor::quantization {
namespace {

using graph::Graph;

constexpr std::array kForms{ConvolutionForm::Float, ConvolutionForm::Uint8, ConvolutionForm::Int8};

// Whether a processor prefers int8 or uint8 activations is a matter of its instructions, not of the shape: one shape,
// the costliest, tells, and spares timing the others.
void dropSignedIfHopeless(std::vector<Surveyed>& operators, KernelTimes& kernels) {
  const auto costliest = std::ranges::max_element(operators, {}, &Surveyed::networkMs);
  if (costliest == operators.end()) return;
  const auto times = kernels.compare(costliest->forms);
  if (times[2] && (!times[1] || *times[2] * kClearlyBetter < *times[1])) return;
  for (auto& o : operators) o.forms.resize(2);
}

Result<std::vector<ShapeTimes>> timeForms(std::vector<Surveyed> operators, const Subject& subject) {
  dropSignedIfHopeless(operators, subject.kernels);
  return survey(operators, subject);
}

// What integers make slow, the rule that takes groups together makes fast again.
void countSlices(const ConvolutionShape& shape, ShapeTimes& group, KernelTimes& kernels) {
  if (!hasWideGroups(shape.attributes, shape.weight)) return;
  for (size_t form = 0; form < group.formMs.size(); ++form) {
    std::vector<KernelForm> forms{convolution(shape, kForms[form + 1])};
    for (const int64_t width : kSliceWidths) forms.push_back(convolutionInSlices(shape, width, kForms[form + 1]));
    for (const auto& time : kernels.compare(forms)) {
      if (time) group.formMs[form] = std::min(group.formMs[form], *time);
    }
  }
}

}  // namespace

Result<StaticTimes> surveyStatic(const Graph& graph, Anchors& anchors, const Subject& subject) {
  const auto shape = [&](const auto& anchor) { return shapeOf(graph, *anchor.node, anchor.weight, subject); };
  const auto hasNoShape = [&](const auto& anchor) { return !shape(anchor); };
  std::erase_if(anchors.convolutions, hasNoShape);
  std::erase_if(anchors.transposed, hasNoShape);

  std::vector<Surveyed> convolutions, transposed, products;
  for (const auto& c : anchors.convolutions) {
    convolutions.push_back({shape(c)->text(), subject.time({c.node}), {}});
    for (const auto form : kForms) convolutions.back().forms.push_back(convolution(*shape(c), form));
  }
  for (const auto& t : anchors.transposed) {
    transposed.push_back({shape(t)->text(), subject.time({t.node}), {}});
    for (const auto form : kForms) transposed.back().forms.push_back(transposedConvolution(*shape(t), t, form));
  }
  for (const auto& p : anchors.products) {
    const auto product = shapeOf(p, subject);
    products.push_back({product.text(), subject.time(p.nodes()), {floatProduct(product)}});
    for (const bool isSigned : {false, true}) products.back().forms.push_back(staticProduct(product, isSigned));
  }
  StaticTimes times;
  auto timed = timeForms(std::move(convolutions), subject);
  if (!timed) return passOn(timed);
  times.convolutions = std::move(*timed);
  for (auto& group : times.convolutions) {
    countSlices(*shape(anchors.convolutions[group.members.front()]), group, subject.kernels);
  }
  timed = timeForms(std::move(transposed), subject);
  if (!timed) return passOn(timed);
  times.transposed = std::move(*timed);
  timed = timeForms(std::move(products), subject);
  if (!timed) return passOn(timed);
  times.products = std::move(*timed);
  return times;
}

}  // namespace ridgeline::advisor::quantization
