using System.Reflection;

namespace Architecture.Tests.Rooms;

/// <summary>The rooms of the house by assembly.</summary>
internal static class Room
{
    public static readonly Assembly Contracts = Assembly.Load("IntegrationHub.Contracts");
    public static readonly Assembly Sagas = Assembly.Load("IntegrationHub.Sagas");
    public static readonly Assembly Abstractions = Assembly.Load("IntegrationHub.Connectors.Abstractions");
    public static readonly Assembly Sandbox = Assembly.Load("IntegrationHub.Connectors.Sandbox");
    public static readonly Assembly Bridge = Assembly.Load("MassTransit.EntityFrameworkCoreIntegration");
    public static readonly Assembly Storage = Assembly.Load("IntegrationHub.Storage");
    public static readonly Assembly Identity = Assembly.Load("IntegrationHub.Identity");
    public static readonly Assembly Hub = Assembly.Load("IntegrationHub.Hub");

    /// <summary>One assembly per vendor.</summary>
    public static readonly Assembly[] Connectors = [.. new[] { "Braze", "HubSpot", "Marketo" }.Select(vendor => Assembly.Load($"IntegrationHub.Connectors.{vendor}"))];

    public static readonly Assembly[] Product = [Contracts, Sagas, Abstractions, Sandbox, Bridge, Identity, Storage, Hub, .. Connectors];

    public static string[] References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(reference => reference.Name!)];

    /// <summary>Types below a namespace, nested ones included.</summary>
    public static IEnumerable<Type> Below(Assembly assembly, params string[] namespaces) => assembly.GetTypes()
        .Where(type => namespaces.Any(name => type.Namespace == name || type.Namespace?.StartsWith($"{name}.", StringComparison.Ordinal) == true));

    /// <summary>Types that a person wrote: no closures, state machines or generated code.</summary>
    public static IEnumerable<Type> Written(Assembly assembly) => assembly.GetTypes()
        .Where(type => type.Namespace is not null && !type.FullName!.Contains('<') && !type.Namespace.Contains("Migrations")
            && !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false)
            && !type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), inherit: false)
            && !type.Namespace.StartsWith("System.", StringComparison.Ordinal) && !type.Namespace.StartsWith("Microsoft.", StringComparison.Ordinal));
}
