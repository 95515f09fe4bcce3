// What the shared library exports. The build defines THREADGROUP_BUILDING while the library itself is
// compiled and THREADGROUP_STATIC for whoever links the static one.
#pragma once

#if defined(THREADGROUP_STATIC)
#define THREADGROUP_API
#else
#define THREADGROUP_API __attribute__((visibility("default")))
#endif
