namespace IntegrationHub.Identity;

/// <summary>What a key of a person is. The order is that of the facts' subject; precedence is said by <see cref="IdentityRules"/>.</summary>
public enum KeyKind
{
    /// <summary>The company's own id: the primary key, two of them are two people.</summary>
    ExternalId,

    /// <summary>The id of a CRM.</summary>
    CrmId,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>A phone number in E.164.</summary>
    Phone,

    /// <summary>An account: a group of people, never a key of one.</summary>
    AccountId,

    /// <summary>The id that a site gives somebody whom it does not know.</summary>
    AnonymousId,

    /// <summary>A device.</summary>
    DeviceId,
}
