using System.Reflection;

namespace Architecture.Tests.Rooms;

/// <summary>What types of a room may use, down to their method bodies.</summary>
public sealed class When_rooms_do_their_own_work
{
    private static readonly string[] _decisions = ["IntegrationHub.Hub.Consent", "IntegrationHub.Hub.Policy", "IntegrationHub.Hub.Mapping"];

    [Test]
    public void Should_decide_without_storage_bus_HTTP_files_or_clock() =>
        Assert.That(
            TypeUse.Forbidden(
                Room.Below(Room.Hub, _decisions).Concat(Room.Identity.GetTypes()),
                "IntegrationHub.Storage", "Microsoft.EntityFrameworkCore", "Npgsql", "System.Data", "MassTransit", "System.Net.Http", "Microsoft.AspNetCore",
                "System.IO.File", "System.IO.FileStream", "System.TimeProvider", "System.DateTimeOffset.get_UtcNow", "System.DateTime.get_UtcNow",
                "System.Diagnostics.Stopwatch", "System.Environment"),
            Is.Empty);

    [Test]
    public void Should_have_decisions_to_look_at() =>
        Assert.That(Room.Below(Room.Hub, _decisions).Count(), Is.GreaterThan(5));

    [Test]
    public void Should_describe_in_the_configuration_and_compile_elsewhere() =>
        Assert.That(
            from use in TypeUse.Forbidden(Room.Below(Room.Hub, "IntegrationHub.Hub.Configuration"), "IntegrationHub.Hub")
            where !use.Contains(" uses IntegrationHub.Hub.Configuration.", StringComparison.Ordinal)
            select use,
            Is.Empty);

    [Test]
    public void Should_let_only_storage_speak_SQL() =>
        Assert.That(
            TypeUse.Forbidden(
                Room.Product.Except([Room.Storage, Room.Bridge]).SelectMany(assembly => assembly.GetTypes()).Where(type => !IsCsvTable(type)),
                "Npgsql", "Microsoft.Data.Sqlite", "System.Data.Common.DbCommand", "System.Data.Common.DbConnection", "System.Data.Common.DbDataReader",
                "Microsoft.EntityFrameworkCore.RelationalQueryableExtensions", "Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions"),
            Is.Empty);

    /// <summary>The library that reads CSV shows a file as a data reader; no SQL is spoken to it.</summary>
    private static bool IsCsvTable(Type type) => type.FullName!.StartsWith("IntegrationHub.Hub.Intake.CsvTable", StringComparison.Ordinal);

    [Test]
    public void Should_let_only_console_and_CLI_know_the_terminal() =>
        Assert.That(
            TypeUse.Forbidden(
                Room.Product.SelectMany(assembly => assembly.GetTypes()).Except(Room.Below(Room.Hub, "IntegrationHub.Hub.Console", "IntegrationHub.Hub.Cli")),
                "Spectre.Console", "System.CommandLine"),
            Is.Empty);

    [Test]
    public void Should_let_connectors_make_no_retries_and_no_transport() =>
        Assert.That(TypeUse.Forbidden(Room.Connectors.SelectMany(assembly => assembly.GetTypes()), "System.Net.Http.SocketsHttpHandler", "System.Net.Http.HttpClientHandler"), Is.Empty);

    [Test]
    public void Should_take_the_time_from_a_provider() =>
        Assert.That(
            TypeUse.Forbidden(
                Room.Product.SelectMany(assembly => assembly.GetTypes()),
                "System.DateTimeOffset.get_UtcNow", "System.DateTimeOffset.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Now",
                "System.Threading.Thread" + ".Sleep", "System.Guid.NewGuid"),
            Is.Empty);

    [Test]
    public void Should_seal_every_class_that_nobody_extends()
    {
        // The bridge's rows may be extended by whoever uses it, as those of the official package.
        var written = Room.Product.Except([Room.Bridge]).SelectMany(Room.Written).Where(type => type.IsClass).ToList();
        var extended = Room.Product.SelectMany(assembly => assembly.GetTypes())
            .Select(type => type.BaseType is { IsGenericType: true } generic ? generic.GetGenericTypeDefinition() : type.BaseType).ToHashSet();
        Assert.That(written.Where(type => !type.IsSealed && !type.IsAbstract && !extended.Contains(type) && !IsPage(type)).Select(type => type.FullName), Is.Empty);
    }

    [Test]
    public void Should_keep_the_host_to_itself() =>
        Assert.That(Room.Written(Room.Hub).Where(type => type.IsPublic && type.Name != "Program" && !IsPage(type)).Select(type => type.FullName), Is.Empty);

    /// <summary>What Razor makes of a page, or of a part of one, is public and open, whatever its author wants.</summary>
    private static bool IsPage(Type type) => type.Namespace!.StartsWith("IntegrationHub.Hub.Console", StringComparison.Ordinal)
        && (typeof(Microsoft.AspNetCore.Components.IComponent).IsAssignableFrom(type) || type.Name == "_Imports");

    [Test]
    public void Should_let_only_the_console_write_pages() =>
        Assert.That(
            TypeUse.Forbidden(
                Room.Product.SelectMany(assembly => assembly.GetTypes()).Except(Room.Below(Room.Hub, "IntegrationHub.Hub.Console", "__Blazor.IntegrationHub.Hub.Console")),
                "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult"),
            Is.Empty);

    [Test]
    public void Should_let_pages_ask_nobody_but_the_API() =>
        Assert.That(
            from use in TypeUse.Forbidden(Room.Below(Room.Hub, "IntegrationHub.Hub.Console"), "IntegrationHub.Storage.HubDbContext", "Microsoft.EntityFrameworkCore", "IntegrationHub.Hub.Messaging", "MassTransit", "IntegrationHub.Sagas", "IntegrationHub.Connectors")
            where !use.StartsWith("IntegrationHub.Hub.Console.Access.BrowserSessions", StringComparison.Ordinal) // who is signed in is no matter of the API
            select use,
            Is.Empty);

    [Test]
    public void Should_name_things_by_what_they_are() =>
        Assert.That(
            from type in Room.Product.Except([Room.Bridge]).SelectMany(Room.Written)
            let name = type.Name.Split('`')[0]
            where name != "ICanonicalEvent"
            from empty in new[] { "Command", "Event", "Message", "Dto", "Manager", "Helper", "Helpers", "Service", "Utils", "Util" }
            where name.EndsWith(empty, StringComparison.Ordinal)
            select type.FullName,
            Is.Empty);
}
