using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// Consent of the account, by e-mail address: subscription types, and the opt-out of everything that stands above them. It knows no
/// contacts. Thread-safe.
/// </summary>
internal sealed class HubSpotSubscriptions(TimeProvider time)
{
    public const string Subscribed = "SUBSCRIBED";
    public const string Unsubscribed = "UNSUBSCRIBED";
    public const string NotSpecified = "NOT_SPECIFIED";

    private static readonly HashSet<string> LegalBases =
    [
        "LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_CLIENT", "LEGITIMATE_INTEREST_OTHER", "PERFORMANCE_OF_CONTRACT", "CONSENT_WITH_NOTICE",
        "NON_GDPR", "PROCESS_AND_STORE",
    ];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ledger> _ledgers = [];

    /// <summary>The subscription types by id.</summary>
    public SortedDictionary<long, string> Types { get; } = new() { [39644612] = "Newsletter", [39644613] = "Offers" };

    /// <summary>Whether the account's data privacy settings are on, which makes a legal basis compulsory.</summary>
    public bool NeedsLegalBasis { get; set; }

    public void Clear()
    {
        lock (_gate)
        {
            _ledgers.Clear();
        }
    }

    /// <summary>What is known of an address: <c>*</c> for the opt-out of everything, else ids of subscription types.</summary>
    public Dictionary<string, string> Describe(string? address)
    {
        var consent = new Dictionary<string, string>();
        lock (_gate)
        {
            if (address is null || !_ledgers.TryGetValue(Normal(address), out var ledger))
            {
                return consent;
            }

            if (ledger.IsOut)
            {
                consent["*"] = Unsubscribed;
            }

            foreach (var type in Types.Keys.Where(type => ledger.Of(type) != NotSpecified))
            {
                consent[type.ToString(CultureInfo.InvariantCulture)] = ledger.Of(type);
            }
        }

        return consent;
    }

    /// <summary>Every address of which something is known.</summary>
    public IReadOnlyList<string> Addresses()
    {
        lock (_gate)
        {
            return [.. _ledgers.Keys];
        }
    }

    public bool IsOut(string address)
    {
        lock (_gate)
        {
            return Find(address).IsOut;
        }
    }

    public string Of(string address, long type)
    {
        lock (_gate)
        {
            return Find(address).Of(type);
        }
    }

    /// <summary>Sets a status of version 4, which may subscribe again who unsubscribed; the opt-out of everything is not lifted by it.</summary>
    /// <returns>What happened, in HubSpot's word for it.</returns>
    public string Set(string address, long type, string status)
    {
        lock (_gate)
        {
            var ledger = Open(address);
            var former = ledger.Of(type);
            if (former == status)
            {
                return "NO_STATUS_CHANGE";
            }

            ledger.Statuses[type] = status;
            ledger.At = time.GetUtcNow();
            return former == Unsubscribed && status == Subscribed ? "RESUBSCRIBE_OCCURRED" : "REQUESTED_CHANGE_OCCURRED";
        }
    }

    /// <summary>Opts an address out of everything.</summary>
    /// <returns>What happened, in HubSpot's word for it.</returns>
    public string OptOut(string address)
    {
        lock (_gate)
        {
            var ledger = Open(address);
            if (ledger.IsOut)
            {
                return "NO_STATUS_CHANGE";
            }

            ledger.IsOut = true;
            ledger.At = time.GetUtcNow();
            foreach (var type in Types.Keys)
            {
                ledger.Statuses[type] = Unsubscribed;
            }

            return "UNSUBSCRIBE_FROM_ALL_OCCURRED";
        }
    }

    /// <summary>What HubSpot has against a request to write a status, or null.</summary>
    public string? Refuses(string? address, string? type, JsonElement request)
    {
        var basis = HubSpotIdentityEndpoints.Text(request, "legalBasis");
        return !IsAddress(address) ? $"{address} is not a valid email address"
            : !long.TryParse(type, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !Types.ContainsKey(id) ? $"Subscription {type} does not exist"
            : basis is not null && !LegalBases.Contains(basis) ? $"{basis} is not a legal basis"
            : NeedsLegalBasis && (basis is null || string.IsNullOrEmpty(HubSpotIdentityEndpoints.Text(request, "legalBasisExplanation")))
                ? "legalBasis and legalBasisExplanation are required while data privacy settings are enabled"
            : null;
    }

    public static bool IsAddress([NotNullWhen(true)] string? address) => address is not null && address.Trim().IndexOf('@', StringComparison.Ordinal) > 0 && !address.Trim().Contains(' ', StringComparison.Ordinal);

    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "HubSpot's normal form is lower case.")]
    public static string Normal(string address) => address.Trim().ToLowerInvariant();

    private Ledger Find(string address) => _ledgers.GetValueOrDefault(Normal(address)) ?? new Ledger();

    private Ledger Open(string address)
    {
        if (!_ledgers.TryGetValue(Normal(address), out var ledger))
        {
            _ledgers[Normal(address)] = ledger = new Ledger();
        }

        return ledger;
    }

    private sealed class Ledger
    {
        public Dictionary<long, string> Statuses { get; } = [];

        public bool IsOut { get; set; }

        public DateTimeOffset At { get; set; }

        /// <summary>The opt-out of everything beats what a type says.</summary>
        public string Of(long type) => IsOut ? Unsubscribed : Statuses.GetValueOrDefault(type, NotSpecified);
    }
}
