# Turns the files of trust/data into C++ that the program carries. A file that is not the one whose
# sum stands here is not built in.
function(ts_embed target name file sum)
  set(path ${CMAKE_SOURCE_DIR}/trust/data/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(SHA256 ${path} found)
  if(NOT found STREQUAL sum)
    message(FATAL_ERROR "trust/data/${file} has the sum ${found}, not ${sum}")
  endif()
  file(READ ${path} EMBEDDED_TEXT)
  set(EMBEDDED_NAME ${name})
  set(source ${CMAKE_BINARY_DIR}/embedded/${name}.cc)
  configure_file(${CMAKE_SOURCE_DIR}/trust/embedded.cc.in ${source} @ONLY)
  target_sources(${target} PRIVATE ${source})
endfunction()

ts_embed(ts_trust sigstore_trusted_root sigstore_trusted_root.json
  6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66)
ts_embed(ts_trust sigstore_signing_config sigstore_signing_config.json
  9711a6d5375706957a4859af31c5866a4474f81f0544f9f4b76c9c4f4c8a539c)
ts_embed(ts_trust yubico_piv yubico_piv.pem
  0b51b6227927a8f82d57b4a1e4d1b8cc28b088ca7db4531c808083a09e99080d)
ts_embed(ts_trust yubico_yubihsm yubico_yubihsm.pem
  923570b8f0ff0d5f5038b036bab00070483bd9860eb2a7da9a7cdf05e9743df8)
ts_embed(ts_trust yubico_other_applications yubico_other_applications.pem
  4df5219818647e13d9f154e3e07ca33848b631d014a20e1397fa7da4dedf6b27)
