#include "engine/port_orders.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ridgeline::engine {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kRemark = "port orders";

}  // namespace

std::string PortOrders::describe() const {
  std::string text;
  const auto add = [&](std::string_view kind, const auto& orders) {
    for (const auto& [name, order] : orders) {
      text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", kind, name, graph::describe(order));
    }
  };
  add("input", inputs);
  add("output", outputs);
  return text;
}

PortOrders portOrdersIn(const graph::Model& model) {
  const auto text = model.remark(kRemark);
  if (text.empty()) return {};
  const auto j = Json::parse(text);  // written below
  PortOrders orders;
  j[0].get_to(orders.inputs);
  j[1].get_to(orders.outputs);
  return orders;
}

void keepPortOrders(graph::Model& model, const PortOrders& orders) {
  // Names need not be UTF-8; one that is not is no longer found, and its port compared as it is.
  constexpr auto kReplace = Json::error_handler_t::replace;
  model.setRemark(kRemark, orders.empty() ? "" : Json{orders.inputs, orders.outputs}.dump(-1, ' ', false, kReplace));
}

}  // namespace ridgeline::engine
