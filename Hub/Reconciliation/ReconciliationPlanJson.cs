using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>What a comparison will cost, as the API and the CLI show it.</summary>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Members">Members that are compared.</param>
/// <param name="ForMembers">Calls that tell who is a member.</param>
/// <param name="ForFields">Calls that tell fields.</param>
/// <param name="PeoplePerChange">Of people whom the vendor tells as changed, so many cost one call more; null where it does not tell.</param>
/// <param name="ShareOfDay">The calls as a share of what the vendor allows a day, from 0; above 1 when a day does not do.</param>
/// <param name="CallsADay">Calls that comparisons may take a day.</param>
/// <param name="Days">Days that it takes, from 1.</param>
/// <param name="Megabytes">Size of the file that the members are read from, about; null where they are read page by page.</param>
/// <param name="MegabytesADay">What all extracts of the account may take a day.</param>
/// <param name="Says">The same in a sentence.</param>
internal sealed record ReconciliationPlanJson(
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("members")] long Members,
    [property: JsonPropertyName("calls_for_members")] long ForMembers,
    [property: JsonPropertyName("calls_for_fields")] long ForFields,
    [property: JsonPropertyName("people_per_change")] int? PeoplePerChange,
    [property: JsonPropertyName("share_of_day")] double ShareOfDay,
    [property: JsonPropertyName("calls_a_day")] long CallsADay,
    [property: JsonPropertyName("days")] long Days,
    [property: JsonPropertyName("megabytes")] long? Megabytes,
    [property: JsonPropertyName("megabytes_a_day")] long? MegabytesADay,
    [property: JsonPropertyName("says")] string Says)
{
    /// <summary>Shows one.</summary>
    public static ReconciliationPlanJson From(string audience, string destination, ReadBackPlan plan) => new(
        audience, destination, plan.Members, plan.ForMembers, plan.ForFields, plan.PeoplePerChange, Math.Round(plan.Calls / (double)plan.Day, 6, MidpointRounding.ToEven), plan.ADay, plan.Days, plan.File is { } file ? ReadBackPlan.Megabytes(file.Bytes) : null, plan.File is { } day ? ReadBackPlan.Megabytes(day.BytesADay) : null, plan.Say(destination));
}
