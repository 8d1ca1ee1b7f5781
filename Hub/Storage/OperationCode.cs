using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage;

/// <summary>How operations stand in the database: a number in rows, which is frozen, and a snake_case name for people.</summary>
internal static class OperationCode
{
    /// <summary>Up to here a delivery is computed from what the hub knows now; of the others it would have to be remembered.</summary>
    public const short LastReplayable = 5;

    public static short ToCode(this Operation operation) => operation switch
    {
        Operation.UpsertProfile => 1,
        Operation.AddMember => 2,
        Operation.RemoveMember => 3,
        Operation.SetConsent => 4,
        Operation.TrackEvent => 5,
        Operation.ChangeKey => 6,
        Operation.MergeProfiles => 7,
        Operation.AddAlias => 8,
        Operation.IdentifyProfile => 9,
        Operation.DeleteProfile => 10,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Give the operation a code of its own here."),
    };

    public static Operation ToOperation(short code) => code switch
    {
        1 => Operation.UpsertProfile,
        2 => Operation.AddMember,
        3 => Operation.RemoveMember,
        4 => Operation.SetConsent,
        5 => Operation.TrackEvent,
        6 => Operation.ChangeKey,
        7 => Operation.MergeProfiles,
        8 => Operation.AddAlias,
        9 => Operation.IdentifyProfile,
        10 => Operation.DeleteProfile,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "A row holds an operation that this version does not know."),
    };

    /// <summary>The number of a name; 0, which no operation has, for a name that is none.</summary>
    public static short CodeOf(string name) => Enum.GetValues<Operation>().Select(ToCode).FirstOrDefault(code => NameOf(code) == name);

    public static string NameOf(short code) => ToOperation(code) switch
    {
        Operation.UpsertProfile => "upsert_profile",
        Operation.AddMember => "add_member",
        Operation.RemoveMember => "remove_member",
        Operation.SetConsent => "set_consent",
        Operation.TrackEvent => "track_event",
        Operation.ChangeKey => "change_key",
        Operation.MergeProfiles => "merge_profiles",
        Operation.AddAlias => "add_alias",
        Operation.IdentifyProfile => "identify_profile",
        _ => "delete_profile",
    };
}
