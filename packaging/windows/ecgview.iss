; Inno Setup: a Windows installer from dist\ecgview, which `pyinstaller packaging\ecgview.spec` makes there.
; Installs for the user who runs it, without an administrator's rights.
#define Version "0.1.0"

[Setup]
AppId={{6E0C2C0B-6B0B-4B8E-9C2B-0E9B5C8A7F31}
AppName=ecgview
AppVersion={#Version}
AppPublisher=The ecgview developers
AppComments=For research use only. Not for use in diagnostic procedures.
DefaultDirName={autopf}\ecgview
DefaultGroupName=ecgview
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
LicenseFile=..\..\LICENSE
SetupIconFile=..\icons\ecgview.ico
UninstallDisplayIcon={app}\ecgview.exe
OutputDir=..\..\dist
OutputBaseFilename=ecgview-{#Version}-setup
Compression=lzma2/ultra64
SolidCompression=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes

[Tasks]
Name: "openwith"; Description: "Offer ecgview under ""Open with"" for .hea, .scp and .dcm files"

[Files]
Source: "..\..\dist\ecgview\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\ecgview"; Filename: "{app}\ecgview.exe"
Name: "{autodesktop}\ecgview"; Filename: "{app}\ecgview.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\ecgview.Record"; ValueType: string; ValueData: "ECG record"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\ecgview.Record\shell\open\command"; ValueType: string; ValueData: """{app}\ecgview.exe"" ""%1"""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.hea\OpenWithProgids"; ValueType: string; ValueName: "ecgview.Record"; ValueData: ""; Flags: uninsdeletevalue; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.scp\OpenWithProgids"; ValueType: string; ValueName: "ecgview.Record"; ValueData: ""; Flags: uninsdeletevalue; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\.dcm\OpenWithProgids"; ValueType: string; ValueName: "ecgview.Record"; ValueData: ""; Flags: uninsdeletevalue; Tasks: openwith
