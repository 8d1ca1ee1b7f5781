namespace IntegrationHub.Storage.Verification;

/// <summary>The column of a profile that a destination's identity key comes from.</summary>
internal static class IdentityKey
{
    /// <exception cref="ArgumentException">The kind is neither <c>external_id</c> nor <c>email</c>.</exception>
    public static string ColumnOf(string identityKeyKind) => identityKeyKind switch
    {
        "external_id" => "external_id",
        "email" => "email_key",
        _ => throw new ArgumentException($"'{identityKeyKind}' is no kind of identity key; use external_id or email.", nameof(identityKeyKind)),
    };
}
