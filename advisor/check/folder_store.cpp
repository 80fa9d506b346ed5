// A folder of recordings. Each run is NAME.ridge, and NAME.json with what its publisher said of it; a .ridge file that
// somebody put there by hand is a run too. Files appear whole and are never changed, so that any number of jobs may
// publish at once.
#include "advisor/check/run_store.h"
#include "base/files.h"
#include "base/hash.h"
#include "graph/model.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ridgeline::advisor {
namespace fs = std::filesystem;
namespace {

// Weights above this are not copied beside every baseline.
constexpr uintmax_t kLargestKeptModel = 1'000'000'000;

std::string plainName(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 60)) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '-';
  return out.empty() ? "run" : out;
}

struct Entry {
  StoredRun run;
  fs::path file;
};

RunLabels readLabels(const fs::path& profile) {
  auto text = readFile(fs::path(profile).replace_extension(".json"));
  if (!text) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return {};
  const auto get = [&](const char* key) {
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  return {get("project"), get("branch"), get("commit")};
}

class FolderStore : public RunStore {
 public:
  explicit FolderStore(fs::path folder) : m_folder(std::move(folder)) {}

  Result<StoredRun> publish(const fs::path& profile, const RunLabels& labels, const fs::path& model) override {
    auto run = describeRun(profile);
    if (!run) return passOn(run);
    run->labels = labels;
    std::error_code ec;
    fs::create_directories(m_folder, ec);
    if (ec) return unavailable(fmt::format("cannot make the folder {}: {}", m_folder.string(), ec.message()));
    if (auto s = keepModel(*run, model); !s) return passOn(s);
    auto known = entries();
    if (!known) return passOn(known);
    for (const auto& e : *known) {
      if (e.run.id == run->id) return e.run;
    }
    const auto stem =
        plainName(run->created) + "-" + plainName(fs::path(run->model).stem().string()) + "-" + run->id.substr(0, 12);
    auto bytes = readFile(profile);
    if (!bytes) return passOn(bytes);
    const nlohmann::ordered_json said = {
        {"project", labels.project}, {"branch", labels.branch}, {"commit", labels.commit}};
    // The labels first: once the recording is there, the run is.
    const auto text = said.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    if (auto s = writeFileAtomically(m_folder / (stem + ".json"), text); !s) return passOn(s);
    if (auto s = writeFileAtomically(m_folder / (stem + ".ridge"), *bytes); !s) return passOn(s);
    return run;
  }

  Result<std::vector<StoredRun>> list(const RunFilter& filter) override {
    auto all = entries();
    if (!all) return passOn(all);
    std::vector<StoredRun> runs;
    for (auto& e : *all) {
      if (runs.size() < filter.limit && matches(e.run, filter)) runs.push_back(std::move(e.run));
    }
    return runs;
  }

  Status fetch(const std::string& id, const fs::path& path) override {
    auto entry = find(id);
    if (!entry) return passOn(entry);
    auto bytes = readFile(entry->file);
    if (!bytes) return passOn(bytes);
    return writeFileAtomically(path, *bytes);
  }

  std::optional<fs::path> modelFile(const std::string& sha256) override {
    const auto path = m_folder / "models" / (sha256 + ".onnx");
    std::error_code ec;
    if (sha256.empty() || !fs::is_regular_file(path, ec)) return std::nullopt;
    return path;
  }

  Result<int64_t> prune(size_t keep) override {
    auto all = entries();
    if (!all) return passOn(all);
    std::vector<StoredRun> runs;
    for (const auto& e : *all) runs.push_back(e.run);
    int64_t gone = 0;
    for (const auto i : toPrune(runs, keep)) {
      std::error_code ec;
      gone += fs::remove((*all)[i].file, ec);
      fs::remove(fs::path((*all)[i].file).replace_extension(".json"), ec);
    }
    return gone;
  }

  std::string name() const override { return m_folder.string(); }

 private:
  // Newest first. What is no profile is not a run; a damaged or newer one is told, since a baseline may be lost.
  Result<std::vector<Entry>> entries() const {
    std::vector<Entry> out;
    std::error_code ec;
    if (!fs::exists(m_folder, ec)) return out;
    fs::directory_iterator files(m_folder, ec);
    if (ec) return badInput(fmt::format("cannot read the folder {}: {}", m_folder.string(), ec.message()));
    for (const auto& file : files) {
      const auto name = file.path().filename().string();
      if (file.path().extension() != ".ridge" || name.front() == '.') continue;
      auto run = describeRun(file.path());
      if (!run) {
        if (!fs::exists(file.path(), ec)) continue;  // pruned by another job meanwhile
        return passOn(run);
      }
      run->labels = readLabels(file.path());
      out.push_back({std::move(*run), file.path()});
    }
    std::sort(out.begin(), out.end(), [](const Entry& x, const Entry& y) {
      return std::tie(x.run.created, x.run.id) > std::tie(y.run.created, y.run.id);
    });
    return out;
  }

  Result<Entry> find(const std::string& id) const {
    auto all = entries();
    if (!all) return passOn(all);
    for (auto& e : *all) {
      if (e.run.id == id) return std::move(e);
    }
    return badInput(fmt::format("{} has no run {}", m_folder.string(), id.substr(0, 12)));
  }

  Status keepModel(const StoredRun& run, const fs::path& model) const {
    if (model.empty() || run.modelSha256.empty()) return {};
    auto hash = sha256OfFile(model);
    if (!hash) return passOn(hash);
    if (*hash != run.modelSha256) {
      return badInput(fmt::format("{} is not the model of this recording: its hash differs", model.string()));
    }
    std::error_code ec;
    if (fs::file_size(model, ec) > kLargestKeptModel || hasExternalData(model)) return {};
    fs::create_directories(m_folder / "models", ec);
    if (ec) return unavailable(fmt::format("cannot make a folder in {}: {}", m_folder.string(), ec.message()));
    const auto path = m_folder / "models" / (run.modelSha256 + ".onnx");
    if (fs::exists(path, ec)) return {};
    auto bytes = readFile(model);
    if (!bytes) return passOn(bytes);
    return writeFileAtomically(path, *bytes);
  }

  static bool hasExternalData(const fs::path& path) {
    auto model = graph::Model::load(path);
    if (!model) return true;
    const auto& weights = model->graphProto().initializer();
    return std::any_of(weights.begin(), weights.end(),
                       [](const auto& t) { return t.data_location() == onnx::TensorProto::EXTERNAL; });
  }

  fs::path m_folder;
};

}  // namespace

std::unique_ptr<RunStore> makeFolderStore(const fs::path& folder) { return std::make_unique<FolderStore>(folder); }

}  // namespace ridgeline::advisor
