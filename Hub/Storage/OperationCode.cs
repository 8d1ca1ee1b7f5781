using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage;

/// <summary>How operations stand in the database: a number in rows, which is frozen, and a snake_case name for people.</summary>
internal static class OperationCode
{
    public static short ToCode(this Operation operation) => operation switch
    {
        Operation.UpsertProfile => 1,
        Operation.AddMember => 2,
        Operation.RemoveMember => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Give the operation a code of its own here."),
    };

    public static Operation ToOperation(short code) => code switch
    {
        1 => Operation.UpsertProfile,
        2 => Operation.AddMember,
        3 => Operation.RemoveMember,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "A row holds an operation that this version does not know."),
    };

    public static string NameOf(short code) => ToOperation(code) switch
    {
        Operation.UpsertProfile => "upsert_profile",
        Operation.AddMember => "add_member",
        _ => "remove_member",
    };
}
