#!/bin/sh
# Makes dist/FER-Desktop-VERSION-ARCH.dmg from dist/FER Desktop.app:  make-dmg.sh VERSION
#
# It has not been run yet; it follows the documentation of hdiutil, codesign and notarytool.
#
# CODESIGN_IDENTITY is the name of a Developer ID, with which PyInstaller has already signed the app.
# NOTARY_PROFILE is the name given to `xcrun notarytool store-credentials`. Without them, the .dmg is not signed.
set -eu

app="dist/FER Desktop.app"
dmg="dist/FER-Desktop-$1-$(uname -m).dmg"
volume=build/dmg

codesign --verify --deep --strict "$app"
rm -rf "$volume" "$dmg"
mkdir -p "$volume"
ditto "$app" "$volume/FER Desktop.app" # keeps links; a copy that follows them breaks the signature
ln -s /Applications "$volume/Applications"
hdiutil create -quiet -volname "FER Desktop" -srcfolder "$volume" -fs HFS+ -format UDZO "$dmg"

if [ -n "${CODESIGN_IDENTITY-}" ]; then
    codesign --sign "$CODESIGN_IDENTITY" --timestamp "$dmg"
fi
if [ -n "${NOTARY_PROFILE-}" ]; then
    xcrun notarytool submit "$dmg" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$dmg"
fi
