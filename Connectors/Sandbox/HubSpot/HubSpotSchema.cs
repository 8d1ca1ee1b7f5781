using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The contact properties of the account. Thread-safe.</summary>
internal sealed class HubSpotSchema
{
    public const int MaxUnique = 10;

    private readonly Lock _gate = new();
    private ImmutableArray<HubSpotProperty> _all = [];

    public HubSpotSchema() => Reset();

    public FieldNames Names { get; } = new();

    public ImmutableArray<HubSpotProperty> All => _all;

    public HubSpotProperty Email { get; private set; } = null!;

    public void Reset()
    {
        lock (_gate)
        {
            _all = [];
        }

        Email = Add(new() { Name = "email", IsHubSpotDefined = true });
        foreach (var name in (string[])["firstname", "lastname", "phone", "company", "city", "country", "jobtitle", "salutation"])
        {
            Add(new() { Name = name, IsHubSpotDefined = true });
        }

        foreach (var name in (string[])["hs_object_id", "hs_additional_emails", "createdate", "lastmodifieddate"])
        {
            Add(new() { Name = name, IsReadOnly = true, IsHubSpotDefined = true });
        }

        Add(new()
        {
            Name = "lifecyclestage",
            Type = HubSpotType.Enumeration,
            IsHubSpotDefined = true,
            OnlyMovesForward = true,
            Options = ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"],
        });
        Add(new() { Name = "hub_external_id", IsUnique = true });
        Add(new() { Name = "date_of_birth", Type = HubSpotType.Date });
        Add(new() { Name = "annual_income", Type = HubSpotType.Number });
        Add(new() { Name = "total_children", Type = HubSpotType.Number });
        Add(new() { Name = "home_owner", Type = HubSpotType.Boolean });
        foreach (var name in (string[])["marital_status", "gender", "education", "occupation"])
        {
            Add(new() { Name = name });
        }
    }

    /// <summary>Adds a property, or replaces the one of that name.</summary>
    public HubSpotProperty Add(HubSpotProperty property)
    {
        var complete = property with
        {
            Id = Names.Id(property.Name),
            Utf8Name = Encoding.UTF8.GetBytes(property.Name),
            JsonName = JsonEncodedText.Encode(property.Name),
        };
        lock (_gate)
        {
            var former = _all.FirstOrDefault(other => other.Name == property.Name);
            _all = former is null ? _all.Add(complete) : _all.Replace(former, complete);
        }

        return complete;
    }

    public HubSpotProperty? Find(string name) => _all.FirstOrDefault(property => property.Name == name);

    /// <summary>Finds a property by the reader's text; <paramref name="guess"/> is where the last one was found plus one, as records repeat the same names.</summary>
    public HubSpotProperty? Find(ref Utf8JsonReader reader, ref int guess)
    {
        var all = _all;
        if (guess < all.Length && reader.ValueTextEquals(all[guess].Utf8Name))
        {
            return all[guess++];
        }

        for (var i = 0; i < all.Length; i++)
        {
            if (reader.ValueTextEquals(all[i].Utf8Name))
            {
                guess = i + 1;
                return all[i];
            }
        }

        return null;
    }
}
