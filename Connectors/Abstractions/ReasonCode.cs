namespace IntegrationHub.Connectors.Abstractions;

/// <summary>Reason codes that mean the same for every vendor. A connector adds the vendor's own, prefixed by its name.</summary>
public static class ReasonCode
{
    /// <summary>The vendor knows nobody by this key or id.</summary>
    public const string NotFound = "not_found";

    /// <summary>Several profiles at the vendor share the key; a person must join or delete them.</summary>
    public const string DuplicatesAtVendor = "duplicates_at_vendor";

    /// <summary>The answer to a call that must not be repeated was lost, and the vendor cannot be asked what became of it.</summary>
    public const string Ambiguous = "ambiguous";

    /// <summary>What the operation needs is not there: no e-mail address for a consent that is kept by address, no alias.</summary>
    public const string IdentityMissing = "identity_key_missing";

    /// <summary>The vendor keeps the person's own opt-out and takes no consent over it.</summary>
    public const string OptOutStands = "opt_out_stands";

    /// <summary>The vendor's queries cannot name the key, so nobody can be looked up by it.</summary>
    public const string KeyNotSearchable = "key_not_searchable";

    /// <summary>The vendor's side of the audience was deleted there.</summary>
    public const string AudienceGone = "audience_gone";

    /// <summary>The field is a property of an object, which the vendor lets nobody take away again; it keeps its value.</summary>
    public const string NotClearable = "not_clearable";
}
