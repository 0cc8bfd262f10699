# What is installed where, and the Debian package:
#
#   cmake --install build/release --prefix FOLDER
#   cmake --build --preset release --target package     build/release/touchstone_VERSION_ARCH.deb
include(GNUInstallDirs)
set(pages ${CMAKE_BINARY_DIR}/pages)
set(maintainer "touchstone maintainers <maintainers@touchstone.invalid>")
set(debian_revision 1)  # of this packaging; back to 1 with each version

# The changelog in Debian's form tells of the packaging alone; the other one of the program. Its date
# is that of the source.
execute_process(COMMAND date --utc --date=${TOUCHSTONE_SOURCE_DATE} "+%a, %d %b %Y 00:00:00 +0000"
  OUTPUT_VARIABLE changelog_date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
configure_file(cmake/packaging/changelog.in ${CMAKE_BINARY_DIR}/changelog.Debian @ONLY)
set(documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/touchstone)

install(TARGETS touchstone touchstone-verify RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The pages are known when they are written, so they are compressed when they are installed. -n: no
# time in the file.
install(CODE "
  file(GLOB manuals ${pages}/man1/*.1)
  if(NOT manuals)
    message(FATAL_ERROR \"there are no manual pages in ${pages}: build the target pages\")
  endif()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/compressed)
  file(GLOB old ${CMAKE_BINARY_DIR}/compressed/*)
  if(old)
    file(REMOVE \${old})
  endif()
  file(COPY \${manuals} DESTINATION ${CMAKE_BINARY_DIR}/compressed)
  file(GLOB manuals ${CMAKE_BINARY_DIR}/compressed/*.1)
  execute_process(COMMAND gzip -9nf \${manuals} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md
    OUTPUT_FILE ${CMAKE_BINARY_DIR}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND gzip -9nc ${CMAKE_BINARY_DIR}/changelog.Debian
    OUTPUT_FILE ${CMAKE_BINARY_DIR}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY ${CMAKE_BINARY_DIR}/compressed/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  FILES_MATCHING PATTERN "*.1.gz")
install(FILES ${CMAKE_BINARY_DIR}/changelog.gz ${CMAKE_BINARY_DIR}/changelog.Debian.gz
  ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/cmake/packaging/copyright
  DESTINATION ${documents})
install(FILES ${CMAKE_SOURCE_DIR}/cmake/packaging/lintian-overrides
  DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides RENAME touchstone)

# Each shell finds a completion by the name of the command.
set(completions ${pages}/completions)
set(shells ${CMAKE_INSTALL_DATAROOTDIR})
foreach(program touchstone touchstone-verify)
  install(FILES ${completions}/touchstone.bash
    DESTINATION ${shells}/bash-completion/completions RENAME ${program})
  install(FILES ${completions}/touchstone.fish
    DESTINATION ${shells}/fish/vendor_completions.d RENAME ${program}.fish)
endforeach()
install(FILES ${completions}/touchstone.zsh
  DESTINATION ${shells}/zsh/vendor-completions RENAME _touchstone)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME touchstone)
set(CPACK_PACKAGE_VENDOR touchstone)
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sign and verify container images with hardware keys")
set(CPACK_PACKAGE_DESCRIPTION
"touchstone signs the digests of container images with a key that lives in a
YubiKey, another PIV card, a PKCS#11 token or a file, and attaches the
signature to the image in its registry, in the form that cosign reads. It
decides, before an image is pulled or run, whether its signatures are those
that were asked for.
.
touchstone-verify is verification alone: one static program.
.
\"touchstone doctor\" says what is missing for either.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${debian_revision})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What is opened when it is needed, which nothing sees in the programs: libykpiv2 and pcscd for smart
# cards. A token's module comes with its own package.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, libykpiv2, pcscd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "opensc, p11-kit, softhsm2")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
