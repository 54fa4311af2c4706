; Makes dist\FER-Desktop-VERSION-setup.exe from dist\fer-desktop:
;     iscc /DAppVersion=1.2.3 packaging\windows\fer-desktop.iss
;
; It has not been run yet; it follows the documentation of Inno Setup 6.

#ifndef AppVersion
  #error Name the version: /DAppVersion=1.2.3
#endif

[Setup]
AppId={{6B0B6E1B-6E0E-4E43-9B57-3C1F0C9A7F52}
AppName=FER Desktop
AppVersion={#AppVersion}
AppPublisher=FER Desktop contributors
VersionInfoVersion={#AppVersion}
SourceDir=..\..
OutputDir=dist
OutputBaseFilename=FER-Desktop-{#AppVersion}-setup
DefaultDirName={autopf}\FER Desktop
DefaultGroupName=FER Desktop
DisableProgramGroupPage=yes
; For one user, without administrator rights; with /ALLUSERS for all users.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
LicenseFile=LICENSE
UninstallDisplayIcon={app}\fer-desktop.exe
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

[InstallDelete]
; Files of an earlier version must not be loaded by this one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "dist\fer-desktop\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{autoprograms}\FER Desktop"; Filename: "{app}\fer-desktop.exe"
Name: "{autodesktop}\FER Desktop"; Filename: "{app}\fer-desktop.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\fer-desktop.exe"; Description: "{cm:LaunchProgram,FER Desktop}"; Flags: nowait postinstall skipifsilent
