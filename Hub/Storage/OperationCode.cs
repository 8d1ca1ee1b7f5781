using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage;

/// <summary>How operations stand in the database: a number in rows, which is frozen, and a snake_case name for people.</summary>
internal static class OperationCode
{
    /// <summary>From here on a delivery changes who somebody is at a destination.</summary>
    public const short FirstOfIdentity = 6;

    /// <summary>
    /// What SQL says of the code of an operation that this version knows. What a newer one owes of other operations stays where it is, for a hub that knows them; everything else goes on (decision 0065).
    /// </summary>
    public const string InRange = "BETWEEN 1 AND 10";

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

    /// <summary>The name of a number, for people; of one that this version does not know <c>unreadable_</c> and the number, which no operation is called.</summary>
    public static string NameOf(short code) => code switch
    {
        1 => "upsert_profile",
        2 => "add_member",
        3 => "remove_member",
        4 => "set_consent",
        5 => "track_event",
        6 => "change_key",
        7 => "merge_profiles",
        8 => "add_alias",
        9 => "identify_profile",
        10 => "delete_profile",
        _ => string.Create(CultureInfo.InvariantCulture, $"unreadable_{code}"),
    };

    /// <summary>A condition in SQL: this version knows the number that a column holds.</summary>
    public static string Known(string column) => $"{column} {InRange}";

    /// <summary>Whether this version knows a number.</summary>
    public static bool IsKnown(short code) => code is >= 1 and <= 10;
}
