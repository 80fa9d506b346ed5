#include "gui/models/document.h"

#include "gui/models/text.h"
#include "profile/profile.h"

#include <algorithm>
#include <system_error>

namespace ridgeline::gui {
namespace {

using namespace profile;

template <class Row>
Status read(const Profile& profile, std::vector<Row>& rows) {
  auto all = profile.all<Row>();
  if (!all) return passOn(all);
  rows = std::move(*all);
  return {};
}

Status loadProposals(const Profile& profile, Document& document) {
  if (auto s = read(profile, document.trials); !s) return s;
  std::stable_sort(document.trials.begin(), document.trials.end(),
                   [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
  if (auto s = read(profile, document.nearMisses); !s) return s;
  std::vector<Proof> proofs;
  if (auto s = read(profile, proofs); !s) return s;
  if (!proofs.empty()) document.proof = proofs.back();
  return {};
}

Status loadNetwork(const Profile& profile, Document& document) {
  if (auto s = read(profile, document.models); !s) return s;
  if (auto s = read(profile, document.nodes); !s) return s;
  if (auto s = read(profile, document.operatorNodes); !s) return s;
  return profile.query(
      "SELECT source, target FROM node_edge", [](const auto&) {},
      [&](const auto& cells) {
        const auto* source = std::get_if<int64_t>(&cells[0]);
        const auto* target = std::get_if<int64_t>(&cells[1]);
        if (source != nullptr && target != nullptr) document.edges.emplace_back(NodeId{*source}, NodeId{*target});
        return true;
      });
}

Result<int64_t> countOf(const Profile& profile, std::string_view sql) {
  auto table = profile.query(sql);
  if (!table) return passOn(table);
  if (table->rows.empty()) return 0;
  const auto* value = std::get_if<int64_t>(&table->rows[0][0]);
  return value == nullptr ? 0 : *value;
}

Status fill(const Profile& profile, Document& document) {
  if (auto s = loadProposals(profile, document); !s) return s;
  if (auto s = loadNetwork(profile, document); !s) return s;
  // The largest id, not a count: counting reads every page of ten million slices.
  auto slices = countOf(profile, "SELECT MAX(id) FROM slice");
  if (!slices) return passOn(slices);
  document.slices = *slices;
  auto tracks = countOf(profile, "SELECT COUNT(*) FROM track");
  if (!tracks) return passOn(tracks);
  document.tracks = *tracks;
  return {};
}

}  // namespace

const analyzers::ReportOperator* Document::find(OperatorId id) const {
  const auto it = operatorIndex.find(id);
  return it == operatorIndex.end() ? nullptr : &report.operators[it->second];
}

const analyzers::ReportKernel* Document::findKernel(int64_t number) const {
  if (number < 1 || number > static_cast<int64_t>(kernels().size())) return nullptr;
  return &kernels()[static_cast<size_t>(number) - 1];
}

const analyzers::ReportOperator* Document::findByName(std::string_view name) const {
  for (const auto& op : report.operators) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

double Document::totalMs() const {
  if (!report.operators.empty()) return report.operatorTimeMs;
  double total = 0;
  for (const auto& kernel : kernels()) total += kernel.timeMs;
  return total;
}

Result<DocumentPtr> loadDocument(const std::filesystem::path& path) {
  auto report = analyzers::loadReport(path);
  if (!report) return passOn(report);
  auto document = std::make_shared<Document>();
  document->path = path;
  document->report = std::move(*report);
  for (size_t i = 0; i < document->report.operators.size(); ++i) {
    document->operatorIndex.emplace(document->report.operators[i].id, i);
  }
  auto profile = Profile::open(path, Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  if (auto s = fill(*profile, *document); !s) return passOn(s);
  return document;
}

}  // namespace ridgeline::gui
