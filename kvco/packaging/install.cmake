# What is installed, by component: runtime (the shared library), devel (headers, libraries to link, files for CMake and pkg-config),
# tools (the program kvco, where it is built).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/kvco")

install(TARGETS kvco kvco_testing EXPORT kvco_targets
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT devel
  ARCHIVE COMPONENT devel
  FILE_SET HEADERS COMPONENT devel)
install(EXPORT kvco_targets NAMESPACE kvco:: DESTINATION "${package_dir}" COMPONENT devel)

# Asio's types are part of the interface: a program has the version of Boost that the library was built with.
set(KVCO_BOOST_VERSION "${Boost_VERSION_STRING}")
set(KVCO_BOOST_VERSION "${KVCO_BOOST_VERSION}" PARENT_SCOPE)  # for the packages
configure_package_config_file(kvco-config.cmake.in kvco-config.cmake INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(kvco-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/kvco-config.cmake" "${CMAKE_CURRENT_BINARY_DIR}/kvco-config-version.cmake"
  DESTINATION "${package_dir}" COMPONENT devel)

# A static library leaves it to its user to link the libraries that it needs.
set(pc_requires)
set(pc_libs)
if(NOT BUILD_SHARED_LIBS)
  set(pc_requires "openssl absl_flat_hash_map absl_flat_hash_set absl_strings absl_time")
  set(pc_libs "-lboost_json")
endif()
foreach(name IN ITEMS kvco kvco-testing)
  configure_file("packaging/${name}.pc.in" "${name}.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT devel)
endforeach()
