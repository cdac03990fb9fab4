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

complete -c mef3 -n __fish_use_subcommand -f -a diff -d 'what makes one recording another: fields, times, samples'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l metadata -d 'fields and times only'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l samples -d 'times and samples only'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l json -d 'for programs'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l password-file -r -F -d 'the password of both is the first line of FILE'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l password-file-b -r -F -d 'that of B'
complete -c mef3 -n '__fish_seen_subcommand_from diff' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a demo -d 'make a recording that looks like EEG'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l channels -x -d '1 to 4096'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l rate -x -d '1 to 100000'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l hours -x -d '0.0001 to 100000'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l segments -x -d '1 to 10000 of each channel'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l seed -x -d 'another number'
complete -c mef3 -n '__fish_seen_subcommand_from demo' -l help -d 'what the command can do'

complete -c mef3 -n __fish_use_subcommand -f -a help -d 'what a command can do'
complete -c mef3 -n '__fish_seen_subcommand_from help' -f -a 'ls info cat gaps diff demo'
