using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>What to do where Marketo knows the client and refuses nevertheless.</summary>
internal static class MarketoRepairs
{
    public const string IdentityNotSearchable = "identity_key_not_searchable";
    public const string ListIdNotANumber = "list_id_not_a_number";
    public const string NoFolder = "list_missing_and_no_folder_id";

    private const string OfAddress = "Put the endpoint of the REST API into base_url, without /rest at its end (in Marketo: Admin, Web Services).";

    private static readonly Dictionary<string, Repair> Known = new(StringComparer.Ordinal)
    {
        [IdentityNotSearchable] = new(
            "field", "People cannot be looked up by the field that identity_key names: the account does not have it, or it is not searchable.",
            "Make it (Admin, Field Management, New Custom Field, type String) and have Marketo's support make it searchable, or set identity_key: email in the destination's file."),
        ["marketo_1011"] = new(
            "field", "People cannot be looked up by the field that identity_key names.", "Have Marketo's support make it searchable, or set identity_key: email in the destination's file."),
        ["marketo_1006"] = new("field", "A mapped field does not exist.", "'destinations check' names it; make it (Admin, Field Management), or correct the mapping."),
        ["marketo_1021"] = new("field", "A mapped field belongs to the company and not to the person.", "Take it out of the mapping, or map a field of the person."),
        ["marketo_603"] = new("permissions", "The API user's role, or the allowlist of addresses, forbids the call.", "Give the role the permissions that the connector's README names (Admin, Users and Roles), and put the hub's address on the allowlist if there is one."),
        ["marketo_1008"] = new("permissions", "The API user may not use the partition.", "Give the API user the partition that partition_name names (Admin, Users and Roles, Edit Workspaces), or correct partition_name in the destination's file."),
        ["marketo_1009"] = new("settings", "The instance has several partitions, and none is named.", "Set partition_name in the destination's file."),
        ["marketo_610"] = new("address", "The path does not exist at this base URL.", OfAddress),
        ["http_404"] = new("address", "Nothing answers at this base URL.", OfAddress),
        ["marketo_709"] = new("audience", "A rule of Marketo forbids the list, for example a name that is in use.", "Give the id of a static list under audiences in the destination's file, or another audience_name_pattern."),
        ["marketo_710"] = new("settings", "The folder that folder_id names does not exist.", "Put the id of a folder that exists into folder_id of the destination's file."),
        ["marketo_711"] = new("settings", "The folder that folder_id names is of another type than folder_type says.", "Set folder_type to Folder or Program, as it is in Marketo."),
        ["marketo_1022"] = new("audience", "The list is in use by an asset of Marketo.", "Give the id of another static list under audiences in the destination's file."),
        [ListIdNotANumber] = new("audience", "The id of the list is no number.", "Put the number of the static list (ST…A1 in its address, without the letters) under audiences in the destination's file."),
        [NoFolder] = new("audience", "There is no static list of the audience's name, and no folder to make one in.", "Set folder_id in the destination's file, or give the id of a static list under audiences."),
        [MarketoOutcomes.ExtractFailed] = new("extract", "Marketo did not write the file of the list's members, or keeps it no more.", "Nothing needs to be done: the members are read page by page instead. If it stays so, set extract_from: 0 in the destination's file."),
        [MarketoOutcomes.ExtractUnreadable] = new("extract", "The file of the list's members has other columns, rows or a checksum than Marketo said.", "Nothing needs to be done: the members are read page by page instead. If it stays so, set extract_from: 0 in the destination's file."),
        ["marketo_616"] = new("permissions", "The subscription has no such API.", "Ask Marketo's support or whoever holds the contract."),
        ["marketo_703"] = new("permissions", "The feature is not enabled for the subscription.", "Ask Marketo's support or whoever holds the contract."),
    };

    /// <summary>By reason code; of those that nobody has met yet the table of outcomes has the words.</summary>
    public static IReadOnlyDictionary<string, Repair> All { get; } = new Dictionary<string, Repair>(
        Known.Concat(MarketoOutcomes.Rows.Values
            .Where(row => row.Trouble == DestinationTrouble.Misconfigured && !Known.ContainsKey(row.ReasonCode) && row.ReasonCode != ReasonCode.AudienceGone)
            .Select(row => KeyValuePair.Create(row.ReasonCode, OfRow(row)))),
        StringComparer.Ordinal);

    private static Repair OfRow(OutcomeRow row) => new(
        row.ConcernsThisWorkOnly ? "events" : "settings", $"{char.ToUpperInvariant(row.Reason[0])}{row.Reason[1..]}.",
        row.ConcernsThisWorkOnly
            ? "Set the custom activity type up in Marketo (Admin, Marketo Custom Activities) as events in the destination's file says, and approve it; or correct that."
            : "Look at base_url and the settings of the destination's file; Marketo's list of error codes says more of the code.");
}
