#include "advisor/rule.h"
#include "advisor/rules/cancel_transposes.h"
#include "advisor/rules/change_io_layout.h"
#include "advisor/rules/common_subexpressions.h"
#include "advisor/rules/fold_batch_norm.h"
#include "advisor/rules/fold_constants.h"
#include "advisor/rules/fold_shapes.h"
#include "advisor/rules/freeze_weights.h"
#include "advisor/rules/fuse_attention.h"
#include "advisor/rules/fuse_gelu.h"
#include "advisor/rules/fuse_layer_norm.h"
#include "advisor/rules/fuse_quantized_attention.h"
#include "advisor/rules/fuse_rms_norm.h"
#include "advisor/rules/fuse_rotary.h"
#include "advisor/rules/fuse_skip_norm.h"
#include "advisor/rules/lower_convolutions.h"
#include "advisor/rules/merge_products.h"
#include "advisor/rules/move_selections.h"
#include "advisor/rules/move_transposes.h"
#include "advisor/rules/pin_shapes.h"
#include "advisor/rules/quantize_dynamic.h"
#include "advisor/rules/quantize_lstm.h"
#include "advisor/rules/quantize_static.h"
#include "advisor/rules/quantize_weights.h"
#include "advisor/rules/regroup_convolutions.h"
#include "advisor/rules/remove_noops.h"
#include "advisor/rules/respell_operators.h"
#include "advisor/rules/space_to_depth.h"
#include "advisor/rules/tune_engine.h"

namespace ridgeline::advisor {
namespace {

std::vector<std::unique_ptr<Rule>> makeAll() {
  std::vector<std::unique_ptr<Rule>> rules;
  // Exact: what simplifies first, since it uncovers what can be fused.
  rules.push_back(makeFreezeWeightsRule());
  rules.push_back(makePinShapesRule());
  rules.push_back(makeRemoveNoopsRule());
  rules.push_back(makeFoldConstantsRule());
  rules.push_back(makeFoldShapesRule());
  rules.push_back(makeCommonSubexpressionsRule());
  rules.push_back(makeFoldBatchNormRule());
  rules.push_back(makeMoveSelectionsRule());
  rules.push_back(makeCancelTransposesRule());
  rules.push_back(makeMoveTransposesRule());
  rules.push_back(makeChangeIoLayoutRule());
  rules.push_back(makeSpaceToDepthRule());
  rules.push_back(makeRegroupConvolutionsRule());
  rules.push_back(makeLowerConvolutionsRule());
  rules.push_back(makeRespellOperatorsRule());
  rules.push_back(makeFuseLayerNormRule());
  rules.push_back(makeFuseRmsNormRule());
  rules.push_back(makeFuseSkipNormRule());
  rules.push_back(makeFuseGeluRule());
  rules.push_back(makeFuseRotaryRule());
  rules.push_back(makeFuseAttentionRule());
  rules.push_back(makeFuseQuantizedAttentionRule());
  rules.push_back(makeMergeProductsRule());
  rules.push_back(makeTuneEngineRule());
  // Lossy.
  rules.push_back(makeQuantizeStaticRule());
  rules.push_back(makeQuantizeDynamicRule());
  rules.push_back(makeQuantizeLstmRule());
  rules.push_back(makeQuantizeWeightsRule());
  return rules;
}

}  // namespace

const std::vector<std::unique_ptr<Rule>>& allRules() {
  static const auto rules = makeAll();
  return rules;
}

}  // namespace ridgeline::advisor
