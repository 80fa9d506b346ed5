#include "plugins/cuda/roofs/products.h"

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#include <dlfcn.h>

#include <iterator>

namespace ridgeline::cuda {
namespace {

// A multiple of every tile there is, and large enough that the edges do not matter; 8192^3 takes a millisecond or more.
constexpr int kSize = 8192;
constexpr size_t kWorkspaceBytes = 64 << 20;
// A type that the chip has hardly any units for: the first algorithm must do.
constexpr double kSlowMs = 100;

struct CublasLt {
  decltype(&cublasLtCreate) create = nullptr;
  decltype(&cublasLtDestroy) destroy = nullptr;
  decltype(&cublasLtMatmulDescCreate) createOperation = nullptr;
  decltype(&cublasLtMatmulDescDestroy) destroyOperation = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) setOperation = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) createLayout = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) destroyLayout = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) createPreference = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) destroyPreference = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) setPreference = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&cublasLtMatmul) multiply = nullptr;
};

bool load(CublasLt& lt) {
  void* library = nullptr;
  for (const char* name :
       {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so", "/usr/local/cuda/lib64/libcublasLt.so"}) {
    library = library ? library : ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return false;
  const auto find = [library](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  return find("cublasLtCreate", lt.create) && find("cublasLtDestroy", lt.destroy) &&
         find("cublasLtMatmulDescCreate", lt.createOperation) &&
         find("cublasLtMatmulDescDestroy", lt.destroyOperation) &&
         find("cublasLtMatmulDescSetAttribute", lt.setOperation) &&
         find("cublasLtMatrixLayoutCreate", lt.createLayout) && find("cublasLtMatrixLayoutDestroy", lt.destroyLayout) &&
         find("cublasLtMatmulPreferenceCreate", lt.createPreference) &&
         find("cublasLtMatmulPreferenceDestroy", lt.destroyPreference) &&
         find("cublasLtMatmulPreferenceSetAttribute", lt.setPreference) &&
         find("cublasLtMatmulAlgoGetHeuristic", lt.heuristic) && find("cublasLtMatmul", lt.multiply);
}

// Contents: words under a mask (fill), so that every number is between 0.5 and 1 in size. Zeros would draw less power,
// and let the clock go higher than real work does.
struct Kind {
  const char* dtype;
  const char* said;
  cudaDataType_t in, out;
  cublasComputeType_t compute;
  cudaDataType_t scale;
  size_t inBytes, outBytes;
  unsigned evenAnd, evenOr, oddAnd, oddOr;
};
constexpr Kind kKinds[] = {
    {"float64", "FP64", CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F, CUDA_R_64F, 8, 8, ~0u, 0, 0x800fffff, 0x3fe00000},
    {"tensor-float32", "TF32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F, 4, 4, 0x807fffff,
     0x3f000000, 0x807fffff, 0x3f000000},
    {"float16", "FP16 summed in FP32", CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F, CUDA_R_32F, 2, 2, 0x83ff83ff,
     0x38003800, 0x83ff83ff, 0x38003800},
    {"bfloat16", "BF16 summed in FP32", CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, CUDA_R_32F, 2, 2, 0x807f807f,
     0x3f003f00, 0x807f807f, 0x3f003f00},
    {"float8", "FP8 (e4m3) summed in FP32", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, CUDA_R_32F, 1, 2,
     0x87878787, 0x30303030, 0x87878787, 0x30303030},
    {"int8", "INT8 summed in INT32", CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, CUDA_R_32I, 1, 4, ~0u, 0, ~0u, 0},
};

// A, transposed, times B: the order that every type supports.
class Multiplication {
 public:
  Multiplication(const CublasLt& lt, cublasLtHandle_t handle, const Kind& kind) : m_lt(lt), m_handle(handle) {
    const cublasOperation_t transposed = CUBLAS_OP_T;
    const size_t workspace = kWorkspaceBytes;
    bool made = lt.createOperation(&m_operation, kind.compute, kind.scale) == CUBLAS_STATUS_SUCCESS;
    made = made && lt.setOperation(m_operation, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed) ==
                       CUBLAS_STATUS_SUCCESS;
    made = made && lt.createLayout(&m_in, kind.in, kSize, kSize, kSize) == CUBLAS_STATUS_SUCCESS;
    made = made && lt.createLayout(&m_out, kind.out, kSize, kSize, kSize) == CUBLAS_STATUS_SUCCESS;
    made = made && lt.createPreference(&m_preference) == CUBLAS_STATUS_SUCCESS;
    made = made && lt.setPreference(m_preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace,
                                    sizeof workspace) == CUBLAS_STATUS_SUCCESS;
    if (!made) return;
    m_ways.resize(8);
    int found = 0;
    if (lt.heuristic(handle, m_operation, m_in, m_in, m_out, m_out, m_preference, static_cast<int>(m_ways.size()),
                     m_ways.data(), &found) != CUBLAS_STATUS_SUCCESS) {
      found = 0;
    }
    m_ways.resize(static_cast<size_t>(found));
  }
  ~Multiplication() {
    if (m_preference) m_lt.destroyPreference(m_preference);
    if (m_in) m_lt.destroyLayout(m_in);
    if (m_out) m_lt.destroyLayout(m_out);
    if (m_operation) m_lt.destroyOperation(m_operation);
  }
  Multiplication(const Multiplication&) = delete;
  Multiplication& operator=(const Multiplication&) = delete;

  size_t ways() const { return m_ways.size(); }
  bool run(size_t way, CUdeviceptr a, CUdeviceptr b, CUdeviceptr d, CUdeviceptr workspace) const {
    // Large enough for any scale type.
    const double one64 = 1, zero64 = 0;
    const float one = 1, zero = 0;
    const int32_t oneInt = 1, zeroInt = 0;
    const void* alpha = m_scale == CUDA_R_64F   ? static_cast<const void*>(&one64)
                        : m_scale == CUDA_R_32I ? static_cast<const void*>(&oneInt)
                                                : &one;
    const void* beta = m_scale == CUDA_R_64F   ? static_cast<const void*>(&zero64)
                       : m_scale == CUDA_R_32I ? static_cast<const void*>(&zeroInt)
                                               : &zero;
    const auto at = [](CUdeviceptr p) { return reinterpret_cast<void*>(p); };
    return m_lt.multiply(m_handle, m_operation, alpha, at(a), m_in, at(b), m_in, beta, at(d), m_out, at(d), m_out,
                         &m_ways[way].algo, at(workspace), kWorkspaceBytes, nullptr) == CUBLAS_STATUS_SUCCESS;
  }
  void setScale(cudaDataType_t scale) { m_scale = scale; }

 private:
  const CublasLt& m_lt;
  cublasLtHandle_t m_handle;
  cudaDataType_t m_scale = CUDA_R_32F;
  cublasLtMatmulDesc_t m_operation = nullptr;
  cublasLtMatrixLayout_t m_in = nullptr, m_out = nullptr;
  cublasLtMatmulPreference_t m_preference = nullptr;
  std::vector<cublasLtMatmulHeuristicResult_t> m_ways;
};

bool fill(Session& session, CUdeviceptr memory, size_t bytes, const Kind& kind) {
  auto words = static_cast<unsigned long long>(bytes / 4);
  unsigned masks[] = {kind.evenAnd, kind.evenOr, kind.oddAnd, kind.oddOr};
  return session.run(session.kernel("fill"), 1024, 256, {&memory, &words, &masks[0], &masks[1], &masks[2], &masks[3]});
}

Product measure(Session& session, const CublasLt& lt, cublasLtHandle_t handle, const Kind& kind,
                const std::function<bool()>& stopped) {
  const Product none{kind.dtype, 0, 0, ""};
  Multiplication product(lt, handle, kind);
  product.setScale(kind.scale);
  if (product.ways() == 0) return none;
  constexpr size_t numbers = size_t{kSize} * kSize;
  const auto a = session.allocate(numbers * kind.inBytes), b = session.allocate(numbers * kind.inBytes);
  const auto d = session.allocate(numbers * kind.outBytes), workspace = session.allocate(kWorkspaceBytes);
  if (!a || !b || !d || !workspace || !fill(session, a, numbers * kind.inBytes, kind) ||
      !fill(session, b, numbers * kind.inBytes, kind)) {
    return none;
  }
  constexpr double operations = 2.0 * kSize * kSize * kSize;
  size_t tried = 0;
  Timing fastest;
  while (tried < product.ways() && !stopped()) {
    const size_t way = tried++;
    const auto timing = repeat(
        session,
        [&](int repetitions) {
          for (int i = 0; i < repetitions; ++i) {
            if (!product.run(way, a, b, d, workspace)) return false;
          }
          return true;
        },
        stopped);
    if (timing.ms > 0 && (fastest.ms <= 0 || timing.ms < fastest.ms)) fastest = timing;
    if (timing.ms > kSlowMs) break;
  }
  if (fastest.ms <= 0) return none;
  const auto size = std::to_string(kSize);
  return {kind.dtype, operations / fastest.ms * 1e3, fastest.spread,
          "cublasLtMatmul, " + size + " x " + size + " x " + size + ", " + kind.said +
              ", random contents, the best of " + std::to_string(tried) + " algorithms, " +
              std::to_string(fastest.rounds) + " rounds"};
}

}  // namespace

std::vector<Product> measureProducts(Session& session, const std::function<bool()>& stopped, std::string& why) {
  static CublasLt lt;
  static const bool loaded = load(lt);
  cublasLtHandle_t handle = nullptr;
  if (!loaded || lt.create(&handle) != CUBLAS_STATUS_SUCCESS) {
    why = "there are no roofs of the tensor cores: libcublasLt.so was not found, or does not start";
    return {};
  }
  std::vector<Product> products;
  for (const auto& kind : kKinds) {
    if (stopped()) break;
    auto product = measure(session, lt, handle, kind, stopped);
    session.releaseAll();
    if (product.operationsPerSecond > 0) products.push_back(std::move(product));
  }
  lt.destroy(handle);
  if (products.empty()) why = "cuBLASLt multiplies nothing on this GPU";
  return products;
}

}  // namespace ridgeline::cuda
#else
namespace ridgeline::cuda {

std::vector<Product> measureProducts(Session&, const std::function<bool()>&, std::string& why) {
  why = "there are no roofs of the tensor cores: this Ridgeline was built without cuBLASLt's header";
  return {};
}

}  // namespace ridgeline::cuda
#endif
