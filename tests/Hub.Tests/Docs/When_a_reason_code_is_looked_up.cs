using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>A code that an operator can meet stands in a runbook, with what it means and what to do.</summary>
public sealed partial class When_a_reason_code_is_looked_up
{
    private static readonly string[] Places =
        ["Connectors/Abstractions", "Connectors/Braze", "Connectors/HubSpot", "Connectors/Marketo", "Hub/Consent", "Hub/DeadLetters", "Hub/Delivery", "Hub/Destinations", "Hub/Erasure", "Hub/Intake", "Hub/Mapping", "Hub/Planning", "Hub/Policy", "Hub/Runs", "Hub/Storage", "Hub/Verification", "Sagas"];

    /// <summary>Files whose words are names of columns, fields, settings and operations.</summary>
    private static readonly string[] FilesOfNames =
        ["AudienceSyncMap.cs", "SourceColumn.cs", "SourceRenaming.cs", "ShadowRoad.cs", "OpenedSides.cs", "BackfillRunMap.cs", "BeforeImages.cs", "ErasureMap.cs", "OwnTable.cs", "PersonBook.cs", "OwnBody.cs", "ExpiredRows.cs", "OperationCode.cs", "IdentityKey.cs", "MaskedFact.cs", "PartitionedTable.cs", "BrazeStandardFields.cs", "BrazeBodies.cs", "BrazeProfiles.cs", "MarketoAuthHandler.cs", "CensusObjects.cs", "CensusRoutes.cs", "IdentityTables.cs", "KnownContacts.cs", "LiveLane.cs", "WithdrawnMemberships.cs", "LiveGuards.cs", "KnownPeople.cs", "DecidedOutcomes.cs", "PolicyVersions.cs", "GroupedMemberships.cs", "RemoteProfiles.cs", "RulingTables.cs", "WaitingFacts.cs", "HeldProfiles.cs", "FormerKeyImage.cs", "ProposalTables.cs", "MatchRates.cs", "FollowingEvents.cs", "LetterActionKind.cs", "LetterStatus.cs", "StatedHolders.cs", "UndecidedKeys.cs", "UnreadableDecisions.cs", "LetterSelection.cs", "LetterActions.cs", "LetterBook.cs", "LetterWork.cs", "LetterGroups.cs", "DeliveryMinutes.cs", "ReconciliationFindings.cs", "FindingsToHeal.cs", "ReconciliationBook.cs", "IdentityDues.cs", "AliasSectionParser.cs", "RunMap.cs", "BackfillGate.cs", "EventReplays.cs", "RebuildBook.cs", "SealedColumn.cs", "MembershipDrift.cs", "BackfillClaim.cs", "ReplayClaim.cs", "LedgerRoutes.cs", "FieldMarks.cs", "HubSpotWholes.cs", "HubSpotChanges.cs", "ShadowBook.cs", "WrittenFields.cs", "AudienceColumn.cs", "AudienceRenaming.cs", "ConsentPartJson.cs"];

    /// <summary>Words of other files that are no codes.</summary>
    private static readonly HashSet<string> NoCodes =
    [
        "last_at", "page_limit", "quarantined_facts", "received_at", "run_events", "snapshot_rejects", "told_denials",
        "account_id", "account_time_zone", "anonymous_id", "audience_key", "audience_sync", "audience_syncs", "backfill_runs", "braze_id", "checked_at", "consent_at", "correlation_id", "crm_id", "letter_action", "custom_attributes", "customer_id", "decided_at", "dead_letter_id", "dead_lettered", "dead_letters", "device_id", "action_id", "email_key",
        "email_address", "expected_version", "four_eyes", "event_id", "event_name", "event_type", "external_id", "external_ids", "hub_event_id", "is_member", "object_array", "occurred_at", "opted_in", "opted_out_at", "phone_number", "product_id",
        "push_token_import", "quarantine_id", "run_id", "schema_version", "set_consent", "snapshot_id", "subject_key", "tenant_id", "track_event", "unsub_time", "unsubscribed_at", "consent_expires_at", "consent_records", "data_base64", "lawful_basis", "notice_language", "privacy_notice", "user_alias", "user_id", "change_key", "delete_profile", "merge_profiles", "withdrawn_at",
        "campaign_id", "expected_close_on", "expires_at", "lead_id", "legal_basis", "notice_version", "opportunity_id", "previous_score", "previous_stage", "key_hash", "request_id", "sample_event_id", "letter_id", "letter_versions", "not_there", "by_vendor", "destination_profiles", "made_up_for", "profile_id", "letter_actions", "mobile_phone", "run_ids", "hs_object_id", "read_only", "was_state", "was_type", "was_length", "was_read_only", "remote_id", "change_over",
    ];

    private static readonly string Runbooks = string.Concat(Directory.GetFiles(Runbook.Folder, "*.md").Select(File.ReadAllText));

    [Test]
    public void Should_be_in_a_runbook_whatever_part_of_the_hub_says_it()
    {
        var codes = Places.SelectMany(place => Directory.GetFiles(Path.Combine(Runbook.Root(), place), "*.cs", SearchOption.AllDirectories)).Where(IsRead).SelectMany(CodesOf).Distinct().ToList();
        Assert.That(codes, Has.Count.GreaterThan(120).And.Member("key_collision").And.Member("token_unreadable").And.Member("phone_not_e164"), "the scan itself");
        Assert.That(codes.Where(code => !Runbooks.Contains($"`{code}`", StringComparison.Ordinal)).Order(), Is.Empty, "write a row for each in a runbook");
    }

    /// <summary>A runbook that is named exists, wherever it is named.</summary>
    [Test]
    public void Should_find_every_runbook_that_is_named()
    {
        var names = Directory.GetFiles(Runbook.Folder, "*.md").SelectMany(file => Link().Matches(File.ReadAllText(file)).Select(link => link.Groups[1].Value)).Distinct();
        Assert.That(names.Where(name => !File.Exists(Path.Combine(Runbook.Folder, name))), Is.Empty);
    }

    private static bool IsRead(string file) =>
        !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/Wire/", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal)
        && !FilesOfNames.Contains(Path.GetFileName(file)) && !file.EndsWith("Options.cs", StringComparison.Ordinal) && !file.EndsWith("Descriptor.cs", StringComparison.Ordinal);

    private static IEnumerable<string> CodesOf(string file) => File.ReadLines(file)
        .Where(line => !NotSaid().IsMatch(line))
        .SelectMany(line => Word().Matches(line).Select(word => word.Groups[1].Value))
        .Where(word => !NoCodes.Contains(word));

    [GeneratedRegex("\"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\"(?!u8)")]
    private static partial Regex Word();

    [GeneratedRegex(@"JsonPropertyName|JsonEncodedText|WriteString|^\s*///")]
    private static partial Regex NotSaid();

    [GeneratedRegex(@"\]\(([a-z-]+\.md)\)")]
    private static partial Regex Link();
}
