// Builds the code before and after, runs both in turn, compares what they print, and keeps what is faster and the same.
#include "advisor/source/inspect.h"
#include "advisor/source/prove/compare_output.h"
#include "advisor/source/prove/run_command.h"
#include "advisor/source/source.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/stats.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace ridgeline::source {
namespace {

namespace fs = std::filesystem;

constexpr int kFewestRounds = 5, kMostRounds = 40;
constexpr double kSurely = 1.005;  // as for models: docs/decisions/judge.md
constexpr uintmax_t kMostBytes = uintmax_t{512} << 20;

struct Command {
  std::string build, run;  // build may be empty
};

// All but the last part builds; quotes keep their && together.
Command splitCommand(const std::string& command) {
  size_t last = std::string::npos;
  char quote = 0;
  for (size_t i = 0; i + 1 < command.size(); ++i) {
    if (quote) {
      if (command[i] == quote) quote = 0;
    } else if (command[i] == '\'' || command[i] == '"') {
      quote = command[i];
    } else if (command.compare(i, 2, "&&") == 0) {
      last = i;
    }
  }
  if (last == std::string::npos) return {"", command};
  return {command.substr(0, last), command.substr(last + 2)};
}

// A copy of the project's folder with one version of the files in it.
class Version {
 public:
  static Result<std::unique_ptr<Version>> make(const fs::path& folder, const std::vector<FixedFile>& files) {
    auto version = std::unique_ptr<Version>(new Version);
    auto made = TemporaryFolder::create("prove");
    if (!made) return passOn(made);
    version->m_folder = std::make_unique<TemporaryFolder>(std::move(*made));
    if (auto copied = copyTree(folder, version->path()); !copied) return passOn(copied);
    for (const auto& file : files) {
      std::error_code ec;
      const auto inside = fs::relative(fs::canonical(file.path, ec), folder, ec);
      if (ec || inside.empty() || inside.begin()->string() == "..") {
        return fail(ErrorCode::Usage, fmt::format("{} does not lie below {}", file.path.string(), folder.string()),
                    "name the folder that holds the project with --prove-folder");
      }
      if (auto written = writeFileAtomically(version->path() / inside, file.after); !written) return passOn(written);
    }
    return version;
  }
  const fs::path& path() const { return m_folder->path(); }

 private:
  Version() = default;

  static Status copyTree(const fs::path& from, const fs::path& to) {
    std::error_code ec;
    uintmax_t bytes = 0;
    auto at = fs::recursive_directory_iterator(from, fs::directory_options::skip_permission_denied, ec);
    for (; !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
      const auto name = at->path().filename().string();
      // History, and folders that CMake configured: what is in those names the original by its full path.
      const bool built = at->is_directory(ec) && fs::exists(at->path() / "CMakeCache.txt", ec);
      if (at->is_directory(ec) && (built || name == ".git" || name == ".hg" || name == ".svn")) {
        at.disable_recursion_pending();
        continue;
      }
      const auto target = to / fs::relative(at->path(), from, ec);
      if (at->is_symlink(ec)) {
        fs::copy_symlink(at->path(), target, ec);
      } else if (at->is_directory(ec)) {
        fs::create_directories(target, ec);
      } else if (at->is_regular_file(ec)) {
        bytes += at->file_size(ec);
        if (bytes > kMostBytes) {
          return fail(ErrorCode::Usage,
                      fmt::format("{} holds more than 512 MB, and is copied to build it twice", from.string()),
                      "name a smaller folder with --prove-folder");
        }
        fs::copy_file(at->path(), target, ec);
      }
      if (ec) break;
    }
    if (ec) return unavailable(fmt::format("cannot copy {}: {}", from.string(), ec.message()));
    return {};
  }

  std::unique_ptr<TemporaryFolder> m_folder;
};

class Prover {
 public:
  Prover(const Options& options, const ProveOptions& how, Job job)
      : m_options(options), m_how(how), m_job(job), m_command(splitCommand(how.command)) {}

  Result<Proof> run() {
    std::error_code ec;
    m_folder = fs::canonical(m_how.folder.empty() ? defaultFolder() : fs::path(m_how.folder), ec);
    if (ec) return badInput(fmt::format("{}: {}", m_how.folder, ec.message()));
    if (m_command.run.find_first_not_of(" \t") == std::string::npos) {
      return fail(ErrorCode::Usage, "--prove needs a command that runs the program", "e.g. --prove 'make && ./bench'");
    }
    auto all = fixAll(m_options, m_job);
    if (!all) return passOn(all);
    Proof proof;
    proof.files = unchanged(*all);
    m_original = proof.files;
    std::vector<AppliedFix> fixes;
    for (const auto& file : *all) {
      for (const auto& fix : file.applied) {
        if (std::none_of(fixes.begin(), fixes.end(), [&](const auto& f) { return f.id == fix.id; }))
          fixes.push_back(fix);
      }
    }
    std::set<std::string> kept;
    for (const auto& fix : fixes) {
      if (auto tried = tryFix(fix, kept, proof); !tried) return passOn(tried);
    }
    m_incumbent.reset();
    if (kept.empty()) return proof;
    auto final = judge("all", m_original, proof.files);
    if (!final) return passOn(final);
    final->kept = final->reason.empty();
    proof.improved = final->kept;
    if (!final->kept) proof.files = m_original;
    proof.final = std::move(*final);
    return proof;
  }

 private:
  // The current folder when the files lie below it, else that of the first one.
  fs::path defaultFolder() const {
    std::error_code ec;
    const auto here = fs::current_path(ec);
    for (const auto& file : m_options.files) {
      const auto inside = fs::relative(fs::canonical(file, ec), here, ec);
      if (ec || inside.empty() || inside.begin()->string() == "..") return fs::absolute(file, ec).parent_path();
    }
    return here;
  }

  // What names the project's folder by its full path means the copy.
  std::string inCopy(std::string command, const Version& version) const {
    const auto from = m_folder.string(), to = version.path().string();
    for (size_t at = command.find(from); at != std::string::npos; at = command.find(from, at + to.size())) {
      command.replace(at, from.size(), to);
    }
    return command;
  }

  static std::vector<FixedFile> unchanged(std::vector<FixedFile> files) {
    for (auto& file : files) {
      file.after = file.before;
      file.applied.clear();
    }
    return files;
  }

  // One more fix on top of what was kept so far.
  Status tryFix(const AppliedFix& fix, std::set<std::string>& kept, Proof& proof) {
    auto with = kept;
    with.insert(fix.id);
    Options options = m_options;
    options.onlyFixes = with;
    auto candidate = fixAll(options, m_job);
    if (!candidate) return passOn(candidate);
    std::vector<std::string> titles;
    for (const auto& file : *candidate) {
      for (const auto& applied : file.applied) {
        if (applied.id == fix.id) titles.push_back(applied.title);
      }
    }
    // It stands on a fix that was not kept.
    if (titles.empty()) return {};
    m_job.progress.phase("prove " + fix.title);
    auto trial = judge(fix.check, proof.files, *candidate);
    if (!trial) return passOn(trial);
    trial->titles = std::move(titles);
    trial->function = fix.function;
    trial->kept = trial->reason.empty();
    m_job.progress.note(fmt::format("{}: {}: {:.2f}x, {}", fix.check, fix.title, trial->ratio,
                                    trial->kept ? "kept" : "not kept: " + trial->reason));
    if (trial->kept) {
      kept = std::move(with);
      proof.files = std::move(*candidate);
      m_incumbent = std::move(m_candidate);
    }
    proof.trials.push_back(std::move(*trial));
    return {};
  }

  // The reason stays empty when it is surely faster and prints the same. `before` is built once for all that is tried
  // against it.
  Result<ProofTrial> judge(const std::string& check, const std::vector<FixedFile>& before,
                           const std::vector<FixedFile>& after) {
    ProofTrial trial;
    trial.check = check;
    if (!m_incumbent) {
      auto made = Version::make(m_folder, before);
      if (!made) return passOn(made);
      if (auto built = build(**made, "the code as it is"); !built) return passOn(built);
      m_incumbent = std::move(*made);
    }
    auto made = Version::make(m_folder, after);
    if (!made) return passOn(made);
    m_candidate = std::move(*made);
    if (auto built = build(*m_candidate, "the fixed code"); !built) {
      if (built.error().code != ErrorCode::BadInput) return passOn(built);
      trial.reason = built.error().message;
      return trial;
    }
    if (auto measured = measure(*m_incumbent, *m_candidate, trial); !measured) return passOn(measured);
    return trial;
  }

  Status build(const Version& version, const std::string& what) {
    if (m_command.build.empty()) return {};
    auto run = runCommand(inCopy(m_command.build, version), version.path(), m_job);
    if (!run) return passOn(run);
    if (run->status == 0) return {};
    return badInput(fmt::format("{} does not build: {}", what, run->lastError.empty() ? "no message" : run->lastError),
                    "the part of --prove's command before the last && builds");
  }

  Status measure(const Version& a, const Version& b, ProofTrial& trial) {
    auto first = runCommand(inCopy(m_command.run, a), a.path(), m_job);
    if (!first) return passOn(first);
    if (first->status != 0) {
      return badInput(fmt::format("'{}' ends with {} before anything was changed{}", m_command.run, first->status,
                                  first->lastError.empty() ? "" : ": " + first->lastError));
    }
    auto second = runCommand(inCopy(m_command.run, b), b.path(), m_job);
    if (!second) return passOn(second);
    if (second->status != 0) {
      trial.reason = fmt::format("it ends with {}", second->status);
      return {};
    }
    if (const auto difference = outputDifference(first->out, second->out, m_how.tolerance)) {
      trial.reason = "it prints something else: " + *difference;
      return {};
    }
    return race(a, b, trial);
  }

  Status race(const Version& a, const Version& b, ProofTrial& trial) {
    std::vector<double> before, after, ratios;
    const Stopwatch watch;
    Interval ci;
    while (trial.rounds < kMostRounds) {
      // A B B A: what drifts meanwhile meets both alike.
      double sums[2] = {0, 0};
      for (const int which : {0, 1, 1, 0}) {
        const auto& version = which == 0 ? a : b;
        auto run = runCommand(inCopy(m_command.run, version), version.path(), m_job);
        if (!run) return passOn(run);
        sums[which] += run->ms;
        (which == 0 ? before : after).push_back(run->ms);
      }
      ratios.push_back(sums[0] / sums[1]);
      ++trial.rounds;
      m_job.progress.fraction(std::min(1.0, watch.seconds() / m_how.budgetS));
      ci = bootstrapMedian(ratios);
      const bool narrow = ci.width() < 0.02 * median(ratios) || ci.lo > 1.2 || ci.hi < 0.9;
      if (trial.rounds >= kFewestRounds && (narrow || watch.seconds() > m_how.budgetS)) break;
    }
    trial.beforeMs = median(before);
    trial.afterMs = median(after);
    trial.ratio = median(ratios);
    trial.ratioLo = ci.lo;
    trial.ratioHi = ci.hi;
    if (ci.hi < 1 / kSurely)
      trial.reason = "it is slower";
    else if (ci.lo <= kSurely)
      trial.reason = "it is not surely faster";
    return {};
  }

  const Options& m_options;
  const ProveOptions& m_how;
  Job m_job;
  Command m_command;
  fs::path m_folder;
  std::vector<FixedFile> m_original;
  std::unique_ptr<Version> m_incumbent, m_candidate;  // built
};

}  // namespace

Result<Proof> prove(const Options& options, const ProveOptions& how, Job job) {
  return Prover(options, how, job).run();
}

}  // namespace ridgeline::source
