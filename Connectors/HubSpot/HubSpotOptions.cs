using System.Globalization;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>The settings of one HubSpot destination. The token is never held here: it is read when it is needed.</summary>
internal sealed partial class HubSpotOptions
{
    private static readonly string[] LegalBases =
    [
        "LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_CLIENT", "LEGITIMATE_INTEREST_OTHER", "PERFORMANCE_OF_CONTRACT", "CONSENT_WITH_NOTICE",
        "NON_GDPR", "PROCESS_AND_STORE",
    ];

    private HubSpotOptions(DestinationSettings settings) => Settings = settings;

    public DestinationSettings Settings { get; }

    /// <summary>Name of the unique contact property that identifies a person.</summary>
    public string IdentityProperty => Settings.IdentityKey;

    /// <summary>HubSpot stores e-mails in lower case; other unique properties are taken as they stand.</summary>
    public bool IdentityIsEmail => IdentityProperty == "email";

    /// <summary>Record ids per membership call, 1 to 1,000.</summary>
    public int MembershipBatchSize { get; private set; } = HubSpotDescriptor.MaxMemberships;

    /// <summary>The account that the token must belong to, or null when any will do.</summary>
    public long? PortalId { get; private set; }

    /// <summary>The account's time zone, or null when it is not configured.</summary>
    public TimeZoneInfo? AccountTimeZone { get; private set; }

    /// <summary>True where the account lacks the endpoints that take consent of many addresses.</summary>
    public bool ConsentOneByOne { get; private set; }

    /// <summary>Legal basis to write with consent, or null to write none.</summary>
    public string? LegalBasis { get; private set; }

    /// <summary>The current token, or null when its reference leads nowhere.</summary>
    public string? AccessToken() => Settings.Secrets.TryGetValue("access_token", out var read) ? read() : null;

    /// <summary>Reads the settings; <paramref name="errors"/> names every mistake.</summary>
    public static HubSpotOptions Read(DestinationSettings settings, out IReadOnlyList<SettingError> errors)
    {
        var found = new List<SettingError>();
        var options = new HubSpotOptions(settings);
        options.Read(found);
        errors = found;
        return options;
    }

    private void Read(List<SettingError> errors)
    {
        if (string.IsNullOrWhiteSpace(AccessToken()))
        {
            errors.Add(new("access_token", "There is no token.", "Refer to an environment variable or a file that holds the token of a private app."));
        }

        if (Settings.BaseUrl is not { IsAbsoluteUri: true, Scheme: "https" or "http" })
        {
            errors.Add(new("base_url", "It is not an absolute http or https address.", "Write https://api.hubapi.com."));
        }

        if (!PropertyName().IsMatch(Settings.IdentityKey))
        {
            errors.Add(new("identity_key", "It is not the name of a contact property.", "Name a property with unique values, in lower case, such as hub_external_id, or email."));
        }
        else if (Settings.IdentityKey == "hs_object_id")
        {
            errors.Add(new("identity_key", "HubSpot does not upsert by its own record id.", "Name a property with unique values, such as hub_external_id, or email."));
        }

        foreach (var (name, text) in Settings.Values)
        {
            ReadValue(name, text, errors);
        }
    }

    private void ReadValue(string name, string text, List<SettingError> errors)
    {
        switch (name)
        {
            case "membership_batch_size":
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                    && size is >= 1 and <= HubSpotDescriptor.MaxMemberships)
                {
                    MembershipBatchSize = size;
                }
                else
                {
                    errors.Add(new(name, "It is not a whole number between 1 and 1000.", "Write a number such as 1000, or leave it out."));
                }

                break;
            case "portal_id":
                if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var portal) && portal > 0)
                {
                    PortalId = portal;
                }
                else
                {
                    errors.Add(new(name, "It is not an account id.", "Write the number that HubSpot shows as Hub ID, or leave it out."));
                }

                break;
            case "account_time_zone":
                if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone))
                {
                    AccountTimeZone = zone;
                }
                else
                {
                    errors.Add(new(name, "This machine knows no such time zone.", "Write an IANA name such as Europe/Berlin, or leave it out."));
                }

                break;
            case "consent_calls":
                ConsentOneByOne = text == "single";
                if (text is not ("batch" or "single"))
                {
                    errors.Add(new(name, "It is neither batch nor single.", "Write batch with Marketing Hub Enterprise, else single."));
                }

                break;
            case "legal_basis":
                LegalBasis = text;
                if (!LegalBases.Contains(text))
                {
                    errors.Add(new(name, "HubSpot knows no such legal basis.", $"Write one of {string.Join(", ", LegalBases)}, or leave it out."));
                }

                break;
            default:
                errors.Add(new(name, "HubSpot destinations have no such setting.", $"Remove it, or correct its spelling: {string.Join(", ", HubSpotDescriptor.Instance.Settings.Where(static setting => !setting.Secret).Select(static setting => setting.Name))}."));
                break;
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,99}\z")]
    private static partial Regex PropertyName();
}
