using System.Text.Json.Nodes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace IntegrationHub.Benchmarks.Mapping;

/// <summary>Mapping and request building alone, on one core: profiles in, bodies for Braze out.</summary>
internal static class MappingScenario
{
    public static Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(options.Number("iterations", 10)).WithWarmupCount(5))
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile);
        var report = new JsonObject { ["profiles_per_operation"] = BrazeBodies.Profiles };
        foreach (var measured in BenchmarkRunner.Run<BrazeBodies>(config).Reports)
        {
            var seconds = measured.ResultStatistics!.Mean / 1e9;
            report["profiles_per_second_per_core"] = BrazeBodies.Profiles / seconds;
            report["error_percent"] = 100 * measured.ResultStatistics.StandardError / measured.ResultStatistics.Mean;
            report["allocated_bytes_per_profile"] = measured.GcStats.GetBytesAllocatedPerOperation(measured.BenchmarkCase) / (double)BrazeBodies.Profiles;
        }

        return Task.FromResult(report);
    }
}
