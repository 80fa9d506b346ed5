// The vector types: char1 to double4. Two elements are aligned as one of twice their size, four as one of four times
// it, up to 16 bytes (CUDA C++ Programming Guide, "Built-in Vector Types").
#pragma once

#define RIDGELINE_VECTORS(name, element)                                                             \
  struct name##1 {                                                                                   \
    element x;                                                                                       \
  };                                                                                                 \
  struct __align__(2 * sizeof(element)) name##2 {                                                    \
    element x, y;                                                                                    \
  };                                                                                                 \
  struct name##3 {                                                                                   \
    element x, y, z;                                                                                 \
  };                                                                                                 \
  struct __align__(4 * sizeof(element) < 16 ? 4 * sizeof(element) : 16) name##4 {                    \
    element x, y, z, w;                                                                              \
  };                                                                                                 \
  RIDGELINE_HD name##1 make_##name##1(element x) { return name##1 {x}; }                             \
  RIDGELINE_HD name##2 make_##name##2(element x, element y) { return name##2 {x, y}; }               \
  RIDGELINE_HD name##3 make_##name##3(element x, element y, element z) { return name##3 {x, y, z}; } \
  RIDGELINE_HD name##4 make_##name##4(element x, element y, element z, element w) { return name##4 {x, y, z, w}; }

RIDGELINE_VECTORS(char, signed char)
RIDGELINE_VECTORS(uchar, unsigned char)
RIDGELINE_VECTORS(short, short)
RIDGELINE_VECTORS(ushort, unsigned short)
RIDGELINE_VECTORS(int, int)
RIDGELINE_VECTORS(uint, unsigned int)
RIDGELINE_VECTORS(long, long)
RIDGELINE_VECTORS(ulong, unsigned long)
RIDGELINE_VECTORS(longlong, long long)
RIDGELINE_VECTORS(ulonglong, unsigned long long)
RIDGELINE_VECTORS(float, float)
RIDGELINE_VECTORS(double, double)
#undef RIDGELINE_VECTORS
