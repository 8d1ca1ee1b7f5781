namespace IntegrationHub.Hub.Security;

/// <summary>What a principal is.</summary>
internal enum PrincipalKind
{
    /// <summary>A person, with keys of their own.</summary>
    Person,

    /// <summary>A program.</summary>
    Service,

    /// <summary>Whoever sits at this machine, while the hub asks for no key. Counts as a person.</summary>
    Local,

    /// <summary>A schedule whose bell rang.</summary>
    Schedule,
}
