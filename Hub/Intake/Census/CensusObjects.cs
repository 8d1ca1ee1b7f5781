using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Census;

/// <summary>
/// What Census can write to: people, and the members of each audience. The words are those of https://developers.getcensus.com/custom-destinations
/// (github.com/sutrolabs/census-custom-api-docs). Pure.
/// </summary>
internal sealed class CensusObjects(HubConfiguration configuration)
{
    /// <summary>Somebody joins the audience or changes; or is updated, for <see cref="Profile"/>.</summary>
    public const string Upsert = "upsert";

    /// <summary>Whom the hub knows, or who is a member, changes; nobody is created by it and nobody joins.</summary>
    public const string Update = "update";

    /// <summary>Somebody leaves the audience; of a mirrored sync.</summary>
    public const string Delete = "delete";

    /// <summary>Fields that are keys and no attributes.</summary>
    public static readonly IReadOnlyList<string> Keys = ["external_id", "email", "phone"];

    private const string Profile = "profile";
    private const string AudiencePrefix = "audience.";
    private const string Mirror = "mirror";

    /// <summary>The objects with their labels.</summary>
    public object List() => new
    {
        objects = configuration.Audiences.Values.Select(audience => new { object_api_name = AudiencePrefix + audience.Key, label = $"Members of {audience.DisplayName}" })
            .Prepend(new { object_api_name = Profile, label = "People" }),
    };

    /// <summary>The fields of an object.</summary>
    /// <exception cref="CensusException">There is no such object.</exception>
    public object Fields(string? name)
    {
        var audience = AudienceOf(name);
        var attributes = configuration.Audiences.Values.Where(known => audience is null || known.Key == audience)
            .SelectMany(known => known.Columns).Where(column => column.Role == ColumnRole.Attribute).Select(column => column.Attribute).OfType<string>()
            .Concat(configuration.Mappings.Values.SelectMany(mapping => mapping.EventAttributes)).Except(Keys).Distinct().Order(StringComparer.Ordinal);
        return new
        {
            fields = Keys.Concat(attributes).Select(field => new
            {
                field_api_name = field, label = field, identifier = field == Keys[0], required = field == Keys[0], createable = true, updateable = true, type = "string", array = false,
            }),
        };
    }

    /// <summary>What can be done to an object. A person is never deleted because a list dropped him.</summary>
    /// <exception cref="CensusException">There is no such object.</exception>
    public object Operations(string? name) => new { operations = AudienceOf(name) is null ? new[] { Upsert, Update } : [Upsert, Update, Mirror] };

    /// <summary>Key of the audience that an object is; null for people.</summary>
    /// <exception cref="CensusException">There is no such object.</exception>
    public string? AudienceOf(string? name)
    {
        if (name == Profile)
        {
            return null;
        }

        return name?.StartsWith(AudiencePrefix, StringComparison.Ordinal) == true && configuration.AudienceKeyOf(name[AudiencePrefix.Length..]) is var key && configuration.Audiences.ContainsKey(key)
            ? key
            : throw new CensusException(CensusException.InvalidParams, "There is no such object any more. Let Census refresh the objects of this destination.");
    }
}
