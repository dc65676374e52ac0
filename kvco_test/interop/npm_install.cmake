# Installs the JavaScript peers into the build tree, unless that was done for the same package.json already.
#   cmake -DNPM=... -DSOURCE=... -DTARGET=... -P npm_install.cmake
if(NOT NPM)
  message(FATAL_ERROR "there is no npm: .ci/install --tests")
endif()
file(MAKE_DIRECTORY "${TARGET}")
file(COPY "${SOURCE}/peer.mjs" DESTINATION "${TARGET}")
file(SHA256 "${SOURCE}/package.json" wanted)
set(stamp "${TARGET}/installed")
if(EXISTS "${stamp}")
  file(READ "${stamp}" installed)
  if(installed STREQUAL wanted)
    return()
  endif()
endif()
file(COPY "${SOURCE}/package.json" DESTINATION "${TARGET}")
# No lock file: it would name the registry that this machine happens to use. The versions in package.json are exact.
execute_process(COMMAND "${NPM}" install --no-audit --no-fund --no-package-lock
  WORKING_DIRECTORY "${TARGET}" COMMAND_ERROR_IS_FATAL ANY)
file(WRITE "${stamp}" "${wanted}")
