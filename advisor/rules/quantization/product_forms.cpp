#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/quantization/forms.h"

#include <algorithm>

namespace ridgeline::advisor::quantization {
namespace {

using graph::DataType;

const std::string kMicrosoft = "com.microsoft";
constexpr float kScale = 1.0f / 64;  // any will do: speed does not depend on it

// Products of few rows wait for their weights: enough of them that the smallest form, 4 bits, leaves a core's cache.
int copiesOf(const ProductShape& s) {
  const int64_t bytes = std::max<int64_t>(s.k * s.n * 4, 1);
  const int64_t wanted = s.m <= 16 ? int64_t{48} << 20 : int64_t{8} << 20;
  return static_cast<int>(std::clamp<int64_t>((wanted + bytes - 1) / bytes, 1, 24));
}

std::string keyOf(std::string_view form, const ProductShape& s) {
  return fmt::format("{} M{} K{} N{}{}", form, s.m, s.k, s.n, s.bias ? " bias" : "");
}

// `addCopy(model, x)` adds one copy that reads `x` and returns its output.
template <class AddCopy>
KernelForm productForm(std::string_view form, const ProductShape& s, AddCopy addCopy) {
  const int copies = copiesOf(s);
  return {keyOf(form, s),
          [s, copies, addCopy] {
            FormModel model("product", DataType::Float, {s.m, s.k});
            for (int i = 0; i < copies; ++i) model.output(addCopy(model, s));
            return std::move(model).take();
          },
          copies};
}

}  // namespace

std::string ProductShape::text() const { return fmt::format("{}x{}x{}", m, k, n); }

ProductShape shapeOf(const Product& product, const Subject& subject) {
  return {rowsOf(product, subject), product.k, product.n, !product.bias.empty()};
}

KernelForm floatProduct(const ProductShape& shape) {
  return productForm("MatMul float32", shape, [](FormModel& model, const ProductShape& s) {
    auto y = model.add({"MatMul", {"x", model.constant(filled(DataType::Float, {s.k, s.n}))}, {}, {}, {}, {}});
    return s.bias ? model.add({"Add", {y, model.floats(s.n)}, {}, {}, {}, {}}) : y;
  });
}

KernelForm dynamicProduct(const ProductShape& shape) {
  return productForm("DynamicQuantizeMatMul", shape, [](FormModel& model, const ProductShape& s) {
    const auto weight = model.constant(filled(DataType::Int8, {s.k, s.n}));
    const auto scales = model.floats(s.n);
    std::vector<std::string> inputs{"x", weight, scales};
    if (s.bias) inputs.insert(inputs.end(), {"", model.floats(s.n)});
    return model.add({"DynamicQuantizeMatMul", inputs, {}, {}, kMicrosoft, {}});
  });
}

KernelForm staticProduct(const ProductShape& shape, bool isSigned) {
  const auto form = fmt::format("QuantizeLinear+MatMulIntegerToFloat {}", isSigned ? "s8s8" : "u8s8");
  return productForm(form, shape, [isSigned](FormModel& model, const ProductShape& s) {
    const auto scale = model.scalar(kScale),
               zero = model.zeroPoint(isSigned ? DataType::Int8 : DataType::Uint8, isSigned ? 0 : 128);
    const auto q = model.quantize("x", scale, zero);
    const auto weight = model.constant(filled(DataType::Int8, {s.k, s.n}));
    const auto scales = model.floats(s.n);
    std::vector<std::string> inputs{q, weight, scale, scales, zero};
    if (s.bias) inputs.insert(inputs.end(), {"", model.floats(s.n)});
    return model.add({"MatMulIntegerToFloat", inputs, {}, {}, kMicrosoft, {}});
  });
}

KernelForm blockProduct(const ProductShape& shape, int bits, int64_t block) {
  const auto form = fmt::format("MatMulNBits b{} k{}", bits, block);
  return productForm(form, shape, [bits, block](FormModel& model, const ProductShape& s) {
    const int64_t blocks = (s.k + block - 1) / block;
    const auto weight = model.constant(filled(DataType::Uint8, {s.n, blocks, block * bits / 8}));
    const auto scales = model.constant(filled(DataType::Float, {s.n, blocks}));
    std::vector<std::string> inputs{"x", weight, scales};
    if (s.bias) inputs.insert(inputs.end(), {"", "", model.floats(s.n)});
    return model.add(
        {"MatMulNBits",
         inputs,
         {},
         {{"K", s.k}, {"N", s.n}, {"bits", int64_t{bits}}, {"block_size", block}, {"accuracy_level", int64_t{4}}},
         kMicrosoft,
         {}});
  });
}

}  // namespace ridgeline::advisor::quantization
