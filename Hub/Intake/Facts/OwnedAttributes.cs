using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Keeps a fact from changing attributes that belong to another source. Who may change what depends on the fact alone, so the order in which facts come does not matter. Pure.</summary>
internal static class OwnedAttributes
{
    /// <summary>The fact as it counts for the person, and what it may not change. Its body keeps all that it states.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="ownership">Whose attributes are.</param>
    public static (LedgerFact Fact, IReadOnlyList<RefusedAttribute> Foreign) Take(LedgerFact fact, OwnershipRules ownership)
    {
        if (fact.AttributesJson is not { } stated)
        {
            return (fact, []);
        }

        using var attributes = JsonDocument.Parse(stated);
        List<RefusedAttribute> foreign = [.. from attribute in attributes.RootElement.EnumerateObject() let why = ownership.WhyNot(attribute.Name, fact.Producer) where why is not null select new RefusedAttribute(attribute.Name, why)];
        if (foreign.Count == 0)
        {
            return (fact, foreign);
        }

        var taken = RelaxedJson.Object(writer =>
        {
            foreach (var attribute in attributes.RootElement.EnumerateObject().Where(attribute => !foreign.Exists(refused => refused.Name == attribute.Name)))
            {
                attribute.WriteTo(writer);
            }
        });
        return (fact with { AttributesJson = Encoding.UTF8.GetString(taken) }, foreign);
    }
}
