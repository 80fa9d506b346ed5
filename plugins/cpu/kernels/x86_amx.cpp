// Tile multiplication of x86-64 (AMX): INT8 and BF16, 16 rows of 64 bytes a tile.
#include "plugins/cpu/detect/isa.h"
#include "plugins/cpu/kernels/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ridgeline::cpu {
namespace {

// The kernel gives a process the tile registers only when asked (Documentation/arch/x86/xstate.rst).
bool tilesPermitted() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  static const bool permitted = ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return permitted;
}

// The 64-byte operand of LDTILECFG: palette 1, every tile 16 rows of 64 bytes (Intel SDM, vol. 1, 18.2).
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t startRow = 0;
  uint8_t reserved[14] = {};
  uint16_t columnBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

constexpr int kChains = 6;  // tiles 0 to 5; 6 and 7 are the operands

RIDGELINE_TARGET("amx-tile") void configureTiles() {
  // GCC's _tile_loadconfig() tells the compiler of the first eight bytes only: the others would never be written.
  static const TileConfig config;
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
}

RIDGELINE_TARGET("amx-tile") double releaseTiles() {
  alignas(64) int32_t sums[16 * 16];
  _tile_stored(0, sums, 64);
  _tile_release();
  return static_cast<double>(sums[0]);
}

RIDGELINE_TARGET("amx-tile,amx-int8") double int8Amx(int64_t iterations) {
  configureTiles();
  for (int64_t n = 0; n < iterations; ++n) {
    _tile_dpbusd(0, 6, 7);
    _tile_dpbusd(1, 6, 7);
    _tile_dpbusd(2, 6, 7);
    _tile_dpbusd(3, 6, 7);
    _tile_dpbusd(4, 6, 7);
    _tile_dpbusd(5, 6, 7);
  }
  return releaseTiles();
}

RIDGELINE_TARGET("amx-tile,amx-bf16") double bfloat16Amx(int64_t iterations) {
  configureTiles();
  for (int64_t n = 0; n < iterations; ++n) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
    _tile_dpbf16ps(4, 6, 7);
    _tile_dpbf16ps(5, 6, 7);
  }
  return releaseTiles();
}

}  // namespace

void appendAmxKernels(const Processor& processor, std::vector<ComputeKernel>& kernels) {
  const bool int8 = hasIsa(processor, "amx_int8"), bfloat16 = hasIsa(processor, "amx_bf16");
  if ((!int8 && !bfloat16) || !hasIsa(processor, "amx_tile") || !tilesPermitted()) return;
  // Each instruction multiplies 16 rows by 16 columns over 64 INT8 or 32 BF16 elements.
  if (int8) kernels.push_back({"int8", "AMX TDPBUSD, 6 tiles", 2.0 * 16 * 16 * 64 * kChains, int8Amx});
  if (bfloat16) kernels.push_back({"bfloat16", "AMX TDPBF16PS, 6 tiles", 2.0 * 16 * 16 * 32 * kChains, bfloat16Amx});
}

}  // namespace ridgeline::cpu

#else

namespace ridgeline::cpu {
void appendAmxKernels(const Processor&, std::vector<ComputeKernel>&) {}
}  // namespace ridgeline::cpu

#endif
