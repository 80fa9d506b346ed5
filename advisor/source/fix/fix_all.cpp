// Applies fixes until none is left, so that a second run finds nothing to do; and writes files whole or not at all.
#include "advisor/source/fix/format.h"
#include "advisor/source/fix/rewrite.h"
#include "advisor/source/inspect.h"
#include "base/files.h"

#include <algorithm>

namespace ridgeline::source {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRounds = 16;

// What changes more comes first: fusing kernels before their loads are widened.
int order(const std::string& check) {
  static const char* const kOrder[] = {"gpu-fusable-kernels",  "array-of-structs",  "cpu-loop-order",
                                       "accumulate-in-memory", "gpu-bank-conflict", "gpu-double-arithmetic",
                                       "gpu-scalar-loads"};
  for (int i = 0; i < static_cast<int>(std::size(kOrder)); ++i) {
    if (check == kOrder[i]) return i;
  }
  return static_cast<int>(std::size(kOrder));
}

class Fixer {
 public:
  Fixer(const Options& options, std::set<std::string> checks, FixedFile& file)
      : m_options(options), m_checks(std::move(checks)), m_file(file) {}

  Status run() {
    auto first = inspect(m_file.path, m_file.after, m_options, {});
    if (!first) return passOn(first);
    m_errors = first->errors;
    for (;;) {
      std::string last;
      int round = 0;
      for (; round < kMostRounds; ++round) {
        auto changed = applyRound(last);
        if (!changed) return passOn(changed);
        if (!*changed) return {};
      }
      // Fixes that bring each other back: without the one that was applied last.
      m_file.dropped.push_back(fmt::format("{}: its fixes do not come to an end here", last));
      m_checks.erase(last);
      m_file.after = m_file.before;
      m_file.applied.clear();
    }
  }

 private:
  std::string id(const Finding& f) const {
    return fmt::format("{}|{}|{}|{}|{}", m_file.path.string(), f.check, f.function, f.fix->title, f.message);
  }

  bool isWanted(const Finding& f) const {
    if (!f.fix || !(f.fix->exact || m_options.allowRounding)) return false;
    return !m_refused.count(id(f)) && (!m_options.onlyFixes || m_options.onlyFixes->count(id(f)));
  }

  Result<bool> applyRound(std::string& last) {
    auto seen = inspect(m_file.path, m_file.after, m_options, m_checks);
    if (!seen) return passOn(seen);
    std::vector<const Finding*> wanted;
    for (const auto& f : seen->findings) {
      if (isWanted(f)) wanted.push_back(&f);
    }
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const Finding* a, const Finding* b) { return order(a->check) < order(b->check); });
    std::vector<const Finding*> chosen;
    std::set<std::string> scopes;
    std::vector<Edit> edits;
    for (const auto* f : wanted) {
      const bool meets = std::any_of(f->fix->scopes.begin(), f->fix->scopes.end(),
                                     [&](const std::string& s) { return scopes.count(s) > 0; });
      if (meets) continue;
      auto with = edits;
      with.insert(with.end(), f->fix->edits.begin(), f->fix->edits.end());
      if (!withEdits(m_file.after, with)) {
        if (chosen.empty()) m_refused.insert(id(*f));  // its own edits overlap
        continue;
      }
      edits = std::move(with);
      scopes.insert(f->fix->scopes.begin(), f->fix->scopes.end());
      chosen.push_back(f);
    }
    if (chosen.empty()) return false;
    if (accept(edits)) {
      for (const auto* f : chosen) note(*f);
      last = chosen.back()->check;
      return true;
    }
    // Something in it does not compile: one after the other, to find out what.
    for (const auto* f : chosen) {
      if (accept(f->fix->edits)) {
        note(*f);
        last = f->check;
        return true;
      }
      m_refused.insert(id(*f));
      m_file.dropped.push_back(fmt::format("{} in line {}: the file would not compile with it", f->check, f->line));
    }
    return true;
  }

  bool accept(const std::vector<Edit>& edits) {
    auto text = editAndFormat(m_file.path, m_file.after, edits);
    if (!text || *text == m_file.after) return false;
    const auto seen = inspect(m_file.path, *text, m_options, {});
    if (!seen || seen->errors > m_errors) return false;
    m_file.after = std::move(*text);
    return true;
  }

  void note(const Finding& f) {
    m_file.applied.push_back({id(f), f.check, f.fix->title, f.function, f.line, f.fix->exact});
  }

  const Options& m_options;
  std::set<std::string> m_checks;
  FixedFile& m_file;
  int m_errors = 0;
  std::set<std::string> m_refused;
};

bool hasOnlyCrLf(const std::string& text) {
  size_t all = 0, with = 0;
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    ++all;
    with += at > 0 && text[at - 1] == '\r';
  }
  return all > 0 && all == with;
}

std::string replaceAll(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Files that another program writes would lose the fix the next time.
bool isGenerated(const std::string& text) {
  auto head = text.substr(0, 2000);
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* mark : {"@generated", "do not edit", "automatically generated", "auto-generated", "autogenerated"}) {
    if (head.find(mark) != std::string::npos) return true;
  }
  return false;
}

Status mayWrite(const FixedFile& file) {
  std::error_code ec;
  const auto permissions = fs::status(file.path, ec).permissions();
  if (ec) return badInput(fmt::format("{}: {}", file.path.string(), ec.message()));
  if ((permissions & fs::perms::owner_write) == fs::perms::none) {
    return unavailable(fmt::format("{} is read-only; nothing was written", file.path.string()),
                       "make it writable, or write a patch with --patch");
  }
  if (isGenerated(file.before)) {
    return badInput(fmt::format("{} says that it is generated; nothing was written", file.path.string()),
                    "change what generates it, or write a patch with --patch");
  }
  return {};
}

}  // namespace

Result<std::vector<FixedFile>> fixAll(const Options& options, Job job) {
  const auto selected = selectedChecks(options);
  if (!selected) return tl::unexpected<Error>(selected.error());
  std::vector<FixedFile> files;
  job.progress.phase("fix");
  for (const auto& path : options.files) {
    if (auto stop = job.stop.check(); !stop) return passOn(stop);
    auto text = readFile(path);
    if (!text) return passOn(text);
    FixedFile file;
    file.path = path;
    const bool crLf = hasOnlyCrLf(*text);
    file.before = file.after = crLf ? replaceAll(*text, "\r\n", "\n") : *text;
    if (auto done = Fixer(options, *selected, file).run(); !done) return passOn(done);
    if (crLf) {
      file.before = *text;
      file.after = replaceAll(file.after, "\n", "\r\n");
    }
    files.push_back(std::move(file));
  }
  return files;
}

Status writeFixed(const std::vector<FixedFile>& files) {
  for (const auto& file : files) {
    if (!file.changed()) continue;
    if (auto may = mayWrite(file); !may) return may;
    // Somebody else may have written it meanwhile.
    auto now = readFile(file.path);
    if (!now) return passOn(now);
    if (*now != file.before)
      return badInput(file.path.string() + " changed while it was looked at; nothing was written");
  }
  for (const auto& file : files) {
    if (!file.changed()) continue;
    std::error_code ec;
    // Through a link to the file itself, which keeps its permissions.
    const auto target = fs::canonical(file.path, ec);
    if (ec) return badInput(fmt::format("{}: {}", file.path.string(), ec.message()));
    const auto permissions = fs::status(target, ec).permissions();
    if (auto written = writeFileAtomically(target, file.after); !written) return written;
    fs::permissions(target, permissions, ec);
  }
  return {};
}

}  // namespace ridgeline::source
