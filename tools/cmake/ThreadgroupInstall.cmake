# cmake --install: headers, library, CMake package and pkg-config file, for a shared or a static library.
include_guard()
include(CMakePackageConfigHelpers)

set(threadgroup_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/threadgroup")

install(
  TARGETS threadgroup
  EXPORT threadgroupTargets
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/threadgroup"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING
  PATTERN "*.h")
install(
  EXPORT threadgroupTargets
  NAMESPACE threadgroup::
  DESTINATION "${threadgroup_package_dir}")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/threadgroupConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/threadgroupConfig.cmake" INSTALL_DESTINATION "${threadgroup_package_dir}")
# As SOVERSION in core/CMakeLists.txt.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(threadgroup_compatibility SameMinorVersion)
else()
  set(threadgroup_compatibility SameMajorVersion)
endif()
write_basic_package_version_file("${PROJECT_BINARY_DIR}/threadgroupConfigVersion.cmake" COMPATIBILITY
                                 ${threadgroup_compatibility})
install(FILES "${PROJECT_BINARY_DIR}/threadgroupConfig.cmake" "${PROJECT_BINARY_DIR}/threadgroupConfigVersion.cmake"
        DESTINATION "${threadgroup_package_dir}")

# The shared library brings oneTBB along by itself; whoever links the static one has to name it.
if(BUILD_SHARED_LIBS)
  set(threadgroup_pc_requires "")
  set(threadgroup_pc_cflags "")
else()
  set(threadgroup_pc_requires "tbb")
  set(threadgroup_pc_cflags " -DTHREADGROUP_STATIC")
endif()
# Found from where the file itself lies, unless the library folder was given as an absolute path.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(threadgroup_pc_prefix "${CMAKE_INSTALL_PREFIX}")
  set(threadgroup_pc_libdir "${CMAKE_INSTALL_LIBDIR}")
else()
  file(RELATIVE_PATH threadgroup_pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" threadgroup_pc_up "${threadgroup_pc_up}")
  set(threadgroup_pc_prefix "\${pcfiledir}/${threadgroup_pc_up}")
  set(threadgroup_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(threadgroup_pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
else()
  set(threadgroup_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/threadgroup.pc.in" "${PROJECT_BINARY_DIR}/threadgroup.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/threadgroup.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
