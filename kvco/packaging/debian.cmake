# Debian packages, by CPack: libkvco0, libkvco-dev, and kvco where the program is built. They are for the release that they are built
# on: `.ci/packages` builds them on each.
include(GNUInstallDirs)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kvco)
set(CPACK_PACKAGE_VENDOR kvco)
set(CPACK_PACKAGE_CONTACT "kvco maintainers <maintainers@kvco.example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_COMPONENTS_ALL runtime devel)
set(deb_version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
set(deb_text "kvco is a client for the Key-Value buckets of NATS JetStream, built on
Boost.Asio: every operation is an asynchronous operation of Asio, made to be
awaited by a C++20 coroutine.")

# Asio's types are part of the interface of the library.
string(REGEX MATCH "^[0-9]+\\.[0-9]+" deb_boost "${KVCO_BOOST_VERSION}")
set(deb_needs_to_build "libboost${deb_boost}-dev")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libkvco0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_LIST_DIR}/triggers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)  # whatever those of the source are
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${deb_text}
.
This package has the shared library.")
# Until version 1 each minor version may have another interface.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")

set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME libkvco-dev)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_DESCRIPTION "${deb_text}
.
This package has the headers, the files for CMake and pkg-config, and a library
that runs a private nats-server for tests.")
set(CPACK_DEBIAN_DEVEL_PACKAGE_SUGGESTS "nats-server")
if(BUILD_SHARED_LIBS)
  set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "libkvco0 (= ${deb_version}), ${deb_needs_to_build}")
else()  # there is no runtime
  set(CPACK_COMPONENTS_ALL devel)
  set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "${deb_needs_to_build}, libboost-json${deb_boost}-dev, libabsl-dev, libssl-dev")
endif()
set(deb_names runtime libkvco0 devel libkvco-dev)

# The program kvco.
if(TARGET kvco_cli)
  list(APPEND CPACK_COMPONENTS_ALL tools)
  list(APPEND deb_names tools kvco)
  set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME kvco)
  set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
  set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_TOOLS_DESCRIPTION "${deb_text}
.
This package has the command-line tool.")
  if(BUILD_SHARED_LIBS)
    set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libkvco0 (= ${deb_version})")
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/kvco")
  endif()
endif()

# What Debian's policy asks of each package: its changes and its copyright.
string(TIMESTAMP deb_date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of SOURCE_DATE_EPOCH, where that is set
configure_file(kvco/packaging/changelog.in changelog @ONLY)
find_program(GZIP_PROGRAM gzip)
if(GZIP_PROGRAM)
  execute_process(COMMAND "${GZIP_PROGRAM}" -9nc "${PROJECT_BINARY_DIR}/changelog"
    OUTPUT_FILE "${PROJECT_BINARY_DIR}/changelog.Debian.gz" COMMAND_ERROR_IS_FATAL ANY)
endif()
while(deb_names)
  list(POP_FRONT deb_names component package)
  install(FILES kvco/packaging/copyright DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}" COMPONENT "${component}")
  install(FILES "${PROJECT_BINARY_DIR}/changelog.Debian.gz" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${package}"
    COMPONENT "${component}" OPTIONAL)
endwhile()
include(CPack)
