# Completion of mef3 for fish. Made by: make reference

# Channels of the recording that is named on the line.
function __mef3_channels
    for word in (commandline -opc)
        if string match -qr '\.mefd(/|\.tar)?$' -- $word
            mef3 --print-channels $word 2>/dev/null
            return
        end
    end
end

complete -c mef3 -n __fish_use_subcommand -f -l help -d 'what there is'
complete -c mef3 -n __fish_use_subcommand -f -l version -d 'the version'

complete -c mef3 -n __fish_use_subcommand -f -a ls -d 'the recordings beneath a folder, a line each'
complete -c mef3 -n '__fish_seen_subcommand_from ls' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from ls' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from ls' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a info -d 'what a recording holds: channels, rates, span, gaps, encryption'
complete -c mef3 -n '__fish_seen_subcommand_from info' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from info' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from info' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a cat -d 'samples of a recording, as text or as numbers'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -s c -l channel -x -a '(__mef3_channels)' -d 'this channel'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l from -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l to -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l counts -d 'numbers as stored'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l format -x -a 'csv f64 f32 i32 npy' -d 'csv|f64|f32|i32|npy'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -s o -l output -r -F -d 'write to FILE'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from cat' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a gaps -d 'when each channel has data, and when it has none'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -s c -l channel -x -a '(__mef3_channels)' -d 'this channel'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -l at-least -x -d 'pass over gaps of less than S seconds'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -l csv -d 'a line a stretch'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from gaps' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a records -d 'notes, marks, seizures and what else stands beside the samples'
complete -c mef3 -n '__fish_seen_subcommand_from records' -s c -l channel -x -a '(__mef3_channels)' -d 'of this channel'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l type -x -d 'of these types'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l from -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l to -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l csv -d 'a line a record'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from records' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a note -d 'add a note to a recording'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l at -x -d 'when'
complete -c mef3 -n '__fish_seen_subcommand_from note' -s c -l channel -x -a '(__mef3_channels)' -d 'to the notes of this channel'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l type -x -d 'Note'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l duration -x -d 'how many seconds it lasts'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l level -x -d 'encrypt it with the password of level 1 or 2'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from note' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a diff -d 'what makes one recording another: fields, times, samples'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l metadata -d 'fields and times only'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l samples -d 'times and samples only'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l password-file -r -F -d 'the password of both is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l password-file-b -r -F -d 'that of B'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a verify -d 'check a recording: every checksum, header, index entry, block and record'
complete -c mef3 -n '__fish_seen_subcommand_from verify' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from verify' -l quick -d 'headers'
complete -c mef3 -n '__fish_seen_subcommand_from verify' -s j -l jobs -x -d 'channels that are checked at once'
complete -c mef3 -n '__fish_seen_subcommand_from verify' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from verify' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a repair -d 'save what can be saved of a damaged recording into a new one'
complete -c mef3 -n '__fish_seen_subcommand_from repair' -l json -d 'the report for programs'
complete -c mef3 -n '__fish_seen_subcommand_from repair' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from repair' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a copy -d 'write a recording anew: other blocks, passwords, channels, times or names'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -s c -l channel -x -a '(__mef3_channels)' -d 'this channel'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l from -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l to -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l block -x -d 'samples a block'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l one-segment -d 'one segment a channel'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l new-password-file -r -F -d 'encrypt with the password in the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l plain -d 'do not encrypt what was encrypted'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l anonymise -d 'leave out the subject'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l name -x -a '(__mef3_channels)' -d 'what stands for the subject'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l keep-records -d 'copy those records all the same'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l start -x -d 'move all times so that the recording begins at T'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l time-offset -x -d 'move all times by S seconds'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from copy' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a import -d 'make a session of an EDF, BDF, NPY or CSV file'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l rate -x -d 'samples a second'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l start -x -d 'the first sample\'s time'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l factor -x -d 'what a count is worth'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l units -x -d 'of the values'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l name -x -a '(__mef3_channels)' -d 'of a channel'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l transpose -d 'the array is samples x channels'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l time -x -a 'uutc iso seconds none' -d 'CSV'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l time-zone -x -d 'EDF'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l format -x -a 'edf npy csv' -d 'what FILE is'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l block -x -d 'samples a block'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l new-password-file -r -F -d 'encrypt'
complete -c mef3 -n '__fish_seen_subcommand_from import' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a export -d 'write a recording as EDF+, BDF+, NPY, CSV or WAV'
complete -c mef3 -n '__fish_seen_subcommand_from export' -s c -l channel -x -a '(__mef3_channels)' -d 'this channel'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l from -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l to -x -d 'from T'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l format -x -a 'edf bdf npy csv wav wav-f32' -d 'without it'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l counts -d 'NPY'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l time-zone -x -d 'EDF'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l password-file -r -F -d 'the password is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from export' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a archive -d 'put a recording into one file, which is read as it is'
complete -c mef3 -n '__fish_seen_subcommand_from archive' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a extract -d 'unpack a recording from its tar file into a folder'
complete -c mef3 -n '__fish_seen_subcommand_from extract' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a demo -d 'make a recording that looks like EEG'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l channels -x -d '1 to 4096'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l rate -x -d '1 to 100000'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l hours -x -d '0.0001 to 100000'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l segments -x -d '1 to 10000 of each channel'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l seed -x -d 'another number'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a top -d 'how a mef3d is doing, in a terminal'
complete -c mef3 -n '__fish_seen_subcommand_from top' -l every -x -d 'ask each S seconds'
complete -c mef3 -n '__fish_seen_subcommand_from top' -l once -d 'print it once'
complete -c mef3 -n '__fish_seen_subcommand_from top' -l json -d 'print once what the server says'
complete -c mef3 -n '__fish_seen_subcommand_from top' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a help -d 'what a command can do'
complete -c mef3 -n '__fish_seen_subcommand_from help' -f -a 'ls info cat gaps records note diff verify repair copy import export archive extract demo top'
